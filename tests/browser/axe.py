"""What axe, a checker of accessibility, finds in an explorer."""

from axe_playwright_python.sync_playwright import Axe


def violations(page):
    """Return what axe finds that keeps somebody from using the explorer, each with where it is."""
    found = Axe().run(page, context=".specwidget", options={"resultTypes": ["violations"]})
    return [
        (each["impact"], each["id"], node["target"], node["failureSummary"])
        for each in found.response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
