"""Checks as JUnit XML, which continuous integration shows as tests."""

from collections.abc import Sequence
from xml.etree import ElementTree

from evalscope.comparison.gate import Check
from evalscope.core.hidden import harmless, harmless_lines


def format_junit(checks: Sequence[Check], details: str) -> str:
    """One test case a check; those that failed say what was found.

    Args:
        checks: in order.
        details: a text for the reader, such as the comparison as the terminal shows it.
    """
    root = ElementTree.Element("testsuites", name="evalscope compare")
    for suite_name in dict.fromkeys(check.suite for check in checks):
        own = [check for check in checks if check.suite == suite_name]
        num_failed = sum(not check.is_passed for check in own)
        suite = ElementTree.SubElement(
            root, "testsuite", name=harmless(suite_name), tests=str(len(own)), failures=str(num_failed), errors="0"
        )
        for check in own:
            case = ElementTree.SubElement(
                suite, "testcase", classname=harmless(suite_name), name=harmless(check.name), time="0"
            )
            if check.is_passed:
                ElementTree.SubElement(case, "system-out").text = harmless(check.found)
            else:
                ElementTree.SubElement(case, "failure", message=harmless(check.found)).text = harmless_lines(details)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}'
