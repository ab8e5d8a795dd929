"""The contract: channel names, event types and what is generated from them. The only code both halves share."""
