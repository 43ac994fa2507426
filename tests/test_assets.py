"""Tests of what the browser gets besides pages: style sheets, vendored files, icons and the manifest."""

import json
import re
import struct
from hashlib import sha256
from pathlib import Path

import pytest

from tools import stylesheet

TOP = Path(__file__).resolve().parent.parent
STATIC = TOP / "static"
VENDOR = STATIC / "vendor"

CSS = """
/*! Licence */
:root,[data-bs-theme=light]{--bs-a:var(--bs-b);--bs-b:red;--bs-own:1px;--bs-unused:blue}
[data-bs-theme=dark]{color-scheme:dark;--bs-b:pink}
[data-bs-theme=dark] .btn, [data-bs-theme=dark] .modal{color:navy}
p,blockquote{margin:0}
.btn, .modal{color:var(--bs-a);animation:1s spin}
:not(.modal)>.btn:hover{color:green!important}
@media print{.modal{display:none}}
@media (min-width:1px){.btn{padding:0}}
@keyframes spin{to{rotate:1turn}}
@keyframes fade{to{opacity:0}}
"""

# What a browser fetches by itself: a link to another site (<a href>) and an XML namespace are none of it.
LOADS_FROM_HOST = re.compile(
    r"""(?:\b(?:src|srcset|poster)\s*=|<(?:link|use|image)\b[^>]*?\bhref\s*=|url\(|\bimport\b\s*\(?|\bfrom\b)"""
    r"""\s*["']?\s*(?:https?:)?//[^\s"')]+""",
    re.IGNORECASE,
)


def body(css: str) -> str:
    """Return a made style sheet without its two comments."""
    return css.split(stylesheet.NOTE)[1].strip()


def test_slim_keeps_what_pages_can_use() -> None:
    light, _ = stylesheet.slim(CSS, {"p", "btn"}, own_css="p{margin:var( --bs-own)}")
    assert light.startswith("/*! Licence */")
    assert body(light) == (
        ":root,[data-bs-theme=light]{--bs-a:var(--bs-b);--bs-b:red;--bs-own:1px}"
        "[data-bs-theme=dark]{color-scheme:dark;--bs-b:pink}"
        "[data-bs-theme=dark] .btn{color:navy}"
        "p{margin:0}"
        ".btn{color:var(--bs-a);animation:1s spin}"
        ":not(.modal)>.btn:hover{color:green!important}"
        "@media (min-width:1px){.btn{padding:0}}"
        "@keyframes spin{to{rotate:1turn}}"
    )


def test_slim_rescopes_dark_rules_for_pages_without_a_chosen_theme() -> None:
    _, dark = stylesheet.slim(CSS, {"p", "btn"})
    assert body(dark) == (
        ":root:not([data-bs-theme]){color-scheme:dark;--bs-b:pink}:root:not([data-bs-theme]) .btn{color:navy}"
    )


def test_slim_refuses_what_it_does_not_understand() -> None:
    with pytest.raises(ValueError, match="@layer"):
        stylesheet.slim("/*! Licence */@layer a{p{margin:0}}", {"p"})


def test_page_words_come_from_expressions_but_not_from_comments(tmp_path: Path) -> None:
    (tmp_path / "templates/todos").mkdir(parents=True)
    page = tmp_path / "templates/todos/list.html"
    page.write_text("""{# modal #}<a class="btn{{ ' btn-primary' if x else " active" }}">""")
    words = stylesheet.page_words(tmp_path)
    assert words >= {"a", "btn", "btn-primary", "active"}
    assert "modal" not in words


def test_bootstrap_is_up_to_date() -> None:
    assert stylesheet.outdated(TOP) == [], "run python -m tools.stylesheet"


def test_check_names_what_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "static/vendor").mkdir(parents=True)
    (tmp_path / "static/vendor/vendor.json").write_text("[]")
    monkeypatch.setattr(stylesheet, "TOP", tmp_path)
    assert stylesheet.main(["--check"]) == 1
    assert "bootstrap.css, bootstrap-dark.css, vendor.json" in capsys.readouterr().err
    assert stylesheet.main([]) == 0
    assert stylesheet.main(["--check"]) == 0


def test_vendored_files_are_the_listed_ones() -> None:
    entries = json.loads((VENDOR / "vendor.json").read_text("utf-8"))
    for entry in entries:
        assert all(entry[key] for key in ("file", "name", "version", "licence", "source", "sha256")), entry
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in VENDOR.iterdir()}
    del found["vendor.json"]
    assert {entry["file"]: entry["sha256"] for entry in entries} == found


def test_nothing_loads_from_another_host() -> None:
    ours = [path for folder in ("templates", "partials", "static") for path in (TOP / folder).rglob("*.*")]
    text = {".html", ".css", ".js", ".svg", ".webmanifest"}
    loads = {
        str(path.relative_to(TOP)): found
        for path in ours
        if path.suffix in text and VENDOR not in path.parents
        if (found := LOADS_FROM_HOST.findall(path.read_text("utf-8")))
    }
    assert loads == {}


@pytest.mark.parametrize(
    "line",
    [
        '<script src="https://x.y/z">',
        '<link rel="icon" href="//x.y/z">',
        "a{b:url( https://x.y/z)}",
        "@import 'http://x.y/z';",
        'import z from "https://x.y/z"',
    ],
)
def test_a_load_from_another_host_is_found(line: str) -> None:
    assert LOADS_FROM_HOST.search(line)


def test_a_link_to_another_site_is_no_load() -> None:
    assert not LOADS_FROM_HOST.search('<a href="https://x.y/z">')


@pytest.mark.parametrize("side", [192, 512])
def test_icon_is_a_png_of_its_size(side: int) -> None:
    head = (STATIC / f"icon-{side}.png").read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:]) == (side, side)


def test_favicon_is_one_small_icon() -> None:
    icon = (STATIC / "favicon.ico").read_bytes()
    assert struct.unpack("<HHHBB", icon[:8]) == (0, 1, 1, 32, 32)
    assert len(icon) < 2048


def test_manifest_names_icons_that_exist() -> None:
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text("utf-8"))
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Recado", "../todos", "standalone")
    assert [icon["src"] for icon in manifest["icons"] if not (STATIC / icon["src"]).is_file()] == []
    assert {icon["sizes"] for icon in manifest["icons"]} == {"any", "192x192", "512x512"}
