"""The report has the specification's form, and quotes nobody so that Markdown would obey."""

import re
from pathlib import Path

from tests.conformance.report.evidence import CLOSE_MS, evidence, found, verified
from tests.docs.fenced import DOCS
from tickstockpl.conformance.report.evidence import Evidence, Played
from tickstockpl.conformance.report.markdown import markdown
from tickstockpl.conformance.report.status_report import StatusReport, report
from tickstockpl.contract.timestamps import to_iso
from tickstockpl.market.calendar import MarketCalendar


def made(given: Evidence | None = None) -> StatusReport:
    return report(given or evidence(), "the tests", MarketCalendar())


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", text, re.MULTILINE)


def test_it_has_all_that_the_template_has(specification: str) -> None:
    template = specification.partition("```markdown\n")[2].partition("```")[0]
    text = markdown(made())
    assert headings(text)[0] == headings(template)[0]
    assert set(headings(template)) <= set(headings(text))
    for line in template.splitlines():
        if numbered := re.match(r"\d+\. ([a-z_:]+): ", line):
            assert re.search(rf"^{re.escape(numbered[0])}(✅|⏳|❌) - .*\d", text, re.MULTILINE), line
        elif labelled := re.match(r"(- [A-Z][^:]*:|\*\*[A-Z][a-z]+\*\*:)", line):
            assert labelled[0] in text, line


def test_what_is_wrong_or_unknown_is_an_issue() -> None:
    assert "None was found." in markdown(made())
    assert made(found("gaps", "unknown")).issues == ["gaps, not known: what gaps found"]
    assert made(found("gaps", "fail")).issues == ["gaps: what gaps found"]
    assert made(evidence(played=[Played("normal", False)])).issues == ["scenario normal did not come to what it has to"]


def test_the_worst_criterion_is_the_outcome() -> None:
    assert made().outcome == "✅"
    assert made(evidence(page=None)).outcome == "⏳"
    assert made(found("health", "fail")).outcome == "❌"


def test_it_proposes_the_next_open() -> None:
    assert made().next_open == "Tue 2025-10-07 09:30 New York (13:30Z)"
    assert made(verified(ended_at=to_iso(CLOSE_MS - 1))).next_open == "Tue 2025-10-07 09:30 New York (13:30Z)"


def test_a_producers_words_are_only_words() -> None:
    text = markdown(made(verified(sources=["<img src=x>\n# Headline\x1b[31m", "[a](javascript:b)"])))
    assert "<img" not in text.replace("\\<", "")
    assert "Headline" not in headings(text)
    assert "\x1b" not in text
    assert "\\[a\\](javascript:b)" in text


def test_the_report_in_the_documentation_is_one_of_these(specification: str) -> None:
    del specification
    text = Path(DOCS / "status_report.md").read_text("utf-8")
    ours = markdown(made())
    assert headings(text) == headings(ours)
    assert [line.partition(": ")[0] for line in text.splitlines() if line[:1].isdigit()] == [
        line.partition(": ")[0] for line in ours.splitlines() if line[:1].isdigit()
    ]
    assert "❌ -" not in text
