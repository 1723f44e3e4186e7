"""Checks the links of a built site: each file and each anchor that a page of it names is there.

    python3 links.py FOLDER

Links to other hosts are not followed.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LEAST_LINKS = 100


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.anchors.update(known[name] for name in ("id", "name") if known.get(name))
        name = {"a": "href", "link": "href", "img": "src", "script": "src"}.get(tag)
        if known.get(name):
            self.links.append(known[name])


def faults(folder: Path) -> list[str]:
    """What is wrong with the links of a site."""
    pages = {path.resolve(): Page(path) for path in sorted(folder.rglob("*.html"))}
    found, count = [], 0
    for path, page in pages.items():
        if path.name in ("404.html", "print.html", "toc.html"):
            # Made by mdBook of the other pages.
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.is_file():
                found.append(f"{path.name}: no such file: {link}")
            elif parts.fragment and target in pages:
                if unquote(parts.fragment) not in pages[target].anchors:
                    found.append(f"{path.name}: no such anchor: {link}")
    if count < LEAST_LINKS:
        found.append(f"only {count} links were seen")
    return found


if __name__ == "__main__":
    all_faults = faults(Path(sys.argv[1]))
    print("\n".join(all_faults) or "all links lead somewhere")
    sys.exit(1 if all_faults else 0)
