"""The examples of the pages and of the docs in the code are those of the package."""

import doctest
import importlib
import pkgutil
import re

import annoconv
import pytest
from conftest import ROOT

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
PAGES = [ROOT / "python" / "README.md", ROOT / "docs" / "python.md"]


def examine(example):
    """Runs an example; says what it printed where that is not what is shown."""
    out = []
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    runner.run(example, out=out.append, clear_globs=False)
    assert runner.failures == 0, "".join(out)
    return runner.tries


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_pages(bones, page):
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.S | re.M)
    assert blocks, "the page has no example"
    # The blocks of a page are one session.
    names, tries = {}, 0
    for number, block in enumerate(blocks):
        assert ">>> " in block, f"nothing runs in this example:\n{block}"
        parser = doctest.DocTestParser()
        example = parser.get_doctest(block, names, f"{page.name}[{number}]", str(page), 0)
        example.globs = names
        tries += examine(example)
    assert tries > len(blocks)


def modules():
    own = pkgutil.iter_modules(annoconv.__path__)
    return ["annoconv", *(f"annoconv.{it.name}" for it in own if it.name not in ("__main__", "_annoconv"))]


@pytest.mark.parametrize("module", modules())
def test_docs_in_the_code(bones, module):
    finder = doctest.DocTestFinder(exclude_empty=True)
    for example in finder.find(importlib.import_module(module)):
        examine(example)
        for path in ("labels", "out", "via.json", "fixed.json"):
            target = bones / path
            if target.is_dir():
                import shutil

                shutil.rmtree(target)
            elif target.exists():
                target.unlink()


def test_every_function_has_an_example():
    for name in ("convert", "coco2yolo", "validate", "fix", "formats", "explain", "open", "write", "to_coco", "from_coco"):
        assert ">>> " in getattr(annoconv, name).__doc__, name
