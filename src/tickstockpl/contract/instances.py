"""An indicator's instance: the name that tells SMA_20 from SMA_200."""

from collections.abc import Mapping


def instance_name(indicator: str, metadata: Mapping[str, object]) -> str:
    """The instance of a calculation: what its ``metadata`` says, else the indicator and its period, if it has one."""
    instance = metadata.get("instance")
    if isinstance(instance, str) and instance:
        return instance
    period = metadata.get("period")
    return f"{indicator}_{period}" if isinstance(period, int | float) else indicator
