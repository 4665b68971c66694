"""The page as plain files: nothing of another is overwritten, and nothing in it needs a server."""

import gzip
import re
from pathlib import Path

import pytest

from inkdigits.errors import UsageError
from inkdigits.web.files import PAGE
from inkdigits.web.guards import HEADERS
from inkdigits.web.site import write_site

pytestmark = pytest.mark.skipif(not (PAGE / "vendor" / "built-from").is_file(), reason="the page has no libraries")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was written."""
    folder = tmp_path_factory.mktemp("site") / "deep" / "public"
    assert write_site(folder) > 1e6
    return folder


def test_the_page_knows_that_there_is_no_server(site: Path):
    """And what it may load, which a server would say in a header."""
    html = (site / "index.html").read_text("utf-8")
    assert '<meta name="inkdigits-server" content="none" />' in html
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert set(policy[1].split("; ")) == set(HEADERS["Content-Security-Policy"].split("; ")) - {
        "frame-ancestors 'none'"
    }


def test_libraries_are_where_the_page_looks_for_them(site: Path):
    """As scripts that every host knows; the runtime lies there packed, and just so."""
    vendor = (site / "static" / "vendor.js").read_text("utf-8")
    names = re.findall(r'"\./(vendor/[^"?]+)\?v=', vendor)
    assert len(names) == 3
    assert all((site / "static" / name).is_file() for name in names)
    endings = {path.suffix for path in (site / "static" / "vendor").rglob("*") if path.is_file()}
    assert endings == {".js", ".gz"}
    packed = next((site / "static" / "vendor").rglob("*.wasm.gz"))
    assert gzip.decompress(packed.read_bytes()).startswith(b"\0asm")


def test_an_earlier_page_is_replaced_as_a_whole(site: Path):
    """What only the old one had is gone; nothing else lies beside it."""
    (site / "static" / "old.js").write_text("old")
    write_site(site)
    assert not (site / "static" / "old.js").exists()
    assert list(site.parent.iterdir()) == [site]


def test_what_is_no_page_of_ours_is_left_alone(tmp_path: Path):
    """A folder with other things, a file; but an empty folder will do."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "index.html").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("notes", "file"):
        with pytest.raises(UsageError, match="holds something else"):
            write_site(tmp_path / name)
    assert (tmp_path / "notes" / "index.html").read_text() == (tmp_path / "file").read_text() == "mine"
    (tmp_path / "empty").mkdir()
    write_site(tmp_path / "empty")
    assert (tmp_path / "empty" / "index.html").is_file()


def test_a_page_without_libraries_is_not_written(tmp_path: Path):
    """As in a clone that was not installed: the message says what to do."""
    (tmp_path / "page").mkdir()
    with pytest.raises(UsageError, match="pip install"):
        write_site(tmp_path / "out", tmp_path / "page")
    assert not (tmp_path / "out").exists()
