"""NetSurf and Dillo: pictures stand for words only where a browser knows enough to draw them (static/recado.css)."""

from pathlib import Path

import tinycss2

CSS = Path(__file__).resolve().parent.parent / "static" / "recado.css"


def plain_rules(text: str) -> list[str]:
    """The declarations that every browser reads: those outside of @supports, which old browsers leave out."""
    rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return [tinycss2.serialize(rule.content) for rule in rules if rule.type == "qualified-rule"]


def takes_words_away(text: str) -> list[str]:
    """Declarations that leave a control without words, or draw a picture over all of a row."""
    found = []
    for content in plain_rules(text):
        for declaration in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            if declaration.type != "declaration":
                continue
            value = tinycss2.serialize(declaration.value).strip()
            no_letters = declaration.name == "font-size" and value.startswith("0")
            picture = declaration.name == "background" and "url(" in value  # NetSurf repeats it
            if no_letters or picture:
                found.append(f"{declaration.name}: {value}")
    return found


def test_old_browsers_keep_the_words_of_buttons() -> None:
    text = CSS.read_text("utf-8")
    assert takes_words_away(text) == []
    assert len(takes_words_away(text + ".icon { font-size: 0; background: url(a.svg) no-repeat }")) == 2
