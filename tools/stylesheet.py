"""Make static/vendor/bootstrap*.css: the part of Bootstrap-Flask's Bootstrap that Recado's pages can use."""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import tinycss2
from flask_bootstrap import Bootstrap5
from tinycss2.ast import AtRule, Comment, Declaration, IdentToken, LiteralToken, Node, QualifiedRule

TOP = Path(__file__).resolve().parent.parent
SOURCE = "static/bootstrap5/css/bootstrap.min.css"
NOTE = "/*! Made by tools/stylesheet.py: do not edit. */"

_JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][\w-]*")
_CSS_NAME = re.compile(r"[A-Za-z-][\w-]*")
_VAR = re.compile(r"var\(\s*(--[\w-]+)")

# What a page may contain although no template spells it out: the categories of flashed messages, what
# Bootstrap-Flask's render_field and the widgets of WTForms write, and the element that browsers add to a table.
SAFELIST = frozenset(
    _WORD.findall("""
        alert-danger alert-info alert-success alert-warning
        btn btn-md btn-primary d-block form-control form-label invalid-feedback is-invalid mb-3
        input label li option select tbody textarea ul
    """)
)

DARK = "[data-bs-theme=dark]"
# <html> has no data-bs-theme when the visitor leaves the theme to the device ("auto"). This outranks a bare :root.
AUTO = ":root:not([data-bs-theme])"


@dataclass(frozen=True)
class Style:
    """A style rule, its declarations as pairs of property and value."""

    selectors: list[str]
    declarations: list[tuple[str, str]]


@dataclass(frozen=True)
class Group:
    """Rules under a condition, such as @media."""

    condition: str
    rules: list["Rule"]


@dataclass(frozen=True)
class Keyframes:
    """An animation."""

    name: str
    frames: str


Rule = Style | Group | Keyframes


def main(argv: list[str] | None = None) -> int:
    """Write the files, or with --check name those that are not what would be written."""
    parser = argparse.ArgumentParser(prog="python -m tools.stylesheet", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file is out of date")
    if parser.parse_args(argv).check:
        stale = outdated(TOP)
        if stale:
            print(f"Out of date, run python -m tools.stylesheet: {', '.join(stale)}.", file=sys.stderr)
        return 1 if stale else 0
    for path, content in build(TOP).items():
        path.write_bytes(content)
        print(f"{path.relative_to(TOP)}: {len(content):,} bytes")
    return 0


def outdated(top: Path) -> list[str]:
    """Name the files that are not what `build` returns."""
    return [path.name for path, content in build(top).items() if not path.exists() or path.read_bytes() != content]


def build(top: Path) -> dict[Path, bytes]:
    """Return what belongs in each file that this tool makes in the checkout `top`."""
    source = files("flask_bootstrap").joinpath(SOURCE).read_bytes()
    own = top / "static/recado.css"
    own_css = own.read_text("utf-8") if own.exists() else ""
    light, dark = slim(source.decode(), page_words(top), own_css)
    vendor = top / "static/vendor"
    made = {vendor / "bootstrap.css": light.encode(), vendor / "bootstrap-dark.css": dark.encode()}
    inventory = vendor / "vendor.json"
    return made | {inventory: _inventory(inventory, made, source)}


def page_words(top: Path) -> set[str]:
    """Return every word of the templates and the script: any may be the name of a class or an element."""
    texts = [
        _JINJA_COMMENT.sub("", page.read_text("utf-8"))
        for folder in ("templates", "partials")
        for page in (top / folder).rglob("*.html")
    ]
    script = top / "static/recado.js"
    if script.exists():
        texts.append(script.read_text("utf-8"))
    return set(SAFELIST).union(*map(_WORD.findall, texts))


def slim(css: str, names: set[str], own_css: str = "") -> tuple[str, str]:
    """Return the part of `css` for pages of the elements and classes `names`, and its dark rules for "auto".

    A custom property stays if what stays, or `own_css`, refers to it; an animation, if what stays plays it.
    """
    nodes = tinycss2.parse_stylesheet(css, skip_whitespace=True)
    licence = next(node.serialize() for node in nodes if isinstance(node, Comment))
    rules = list(_usable(nodes, names))
    rules = list(_pruned(rules, _in_use(rules, own_css)))
    light, dark = (f"{licence}\n{NOTE}\n{_text(part)}\n" for part in (rules, _auto_dark(rules)))
    return light, dark


def _usable(nodes: Iterable[Node], names: set[str]) -> Iterator[Rule]:
    """Read parsed rules, without the selectors that need an element or a class not in `names`."""
    for node in nodes:
        match node:
            case QualifiedRule():
                usable = (selector for selector in _split(node.prelude) if _needs(selector) <= names)
                selectors = [tinycss2.serialize(selector).strip() for selector in usable]
                if selectors:
                    items = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
                    yield Style(selectors, [_declaration(item) for item in items])
            case AtRule(lower_at_keyword="media" | "supports"):
                inner = tinycss2.parse_rule_list(node.content or (), skip_comments=True, skip_whitespace=True)
                condition = f"@{node.lower_at_keyword}{tinycss2.serialize(node.prelude)}"
                yield Group(condition, list(_usable(inner, names)))
            case AtRule(lower_at_keyword="keyframes"):
                yield Keyframes(tinycss2.serialize(node.prelude).strip(), tinycss2.serialize(node.content or ()))
            case Comment() | AtRule(lower_at_keyword="charset"):
                pass  # our pages are UTF-8, and so are the style sheets that they link
            case _:
                raise ValueError(f"cannot tell whether this is in use: {node.serialize()}")


def _split(prelude: Iterable[Node]) -> list[list[Node]]:
    """Split a list of selectors at its commas."""
    selectors: list[list[Node]] = [[]]
    for node in prelude:
        if isinstance(node, LiteralToken) and node.value == ",":
            selectors.append([])
        else:
            selectors[-1].append(node)
    return selectors


def _needs(selector: list[Node]) -> set[str]:
    """Return the elements and classes without which a selector matches nothing: not those inside :not()."""
    return {
        node.value
        for before, node in pairwise([None, *selector])
        if isinstance(node, IdentToken) and not (isinstance(before, LiteralToken) and before.value == ":")
    }


def _declaration(node: Node) -> tuple[str, str]:
    if not isinstance(node, Declaration):
        raise TypeError(f"not a declaration: {node.serialize()}")
    return node.name, tinycss2.serialize(node.value) + ("!important" if node.important else "")


def _in_use(rules: list[Rule], own_css: str) -> set[str]:
    """Return the custom properties and animations that some property, directly or not, refers to."""
    references: defaultdict[str, set[str]] = defaultdict(set)
    todo = set(_VAR.findall(own_css))
    for rule in _flat(rules):
        if isinstance(rule, Keyframes):
            references[rule.name].update(_CSS_NAME.findall(rule.frames))
            continue
        for name, value in rule.declarations:
            (references[name] if name.startswith("--") else todo).update(_CSS_NAME.findall(value))
    used: set[str] = set()
    while todo:
        name = todo.pop()
        used.add(name)
        todo |= references[name] - used
    return used


def _flat(rules: list[Rule]) -> Iterator[Style | Keyframes]:
    for rule in rules:
        if isinstance(rule, Group):
            yield from _flat(rule.rules)
        else:
            yield rule


def _pruned(rules: list[Rule], in_use: set[str]) -> Iterator[Rule]:
    """Drop the custom properties and animations that are not in use, and what is empty without them."""
    for rule in rules:
        match rule:
            case Style(selectors, declarations):
                kept = [(name, value) for name, value in declarations if name in in_use or not name.startswith("--")]
                if kept:
                    yield Style(selectors, kept)
            case Group(condition, inner):
                rest = list(_pruned(inner, in_use))
                if rest:
                    yield Group(condition, rest)
            case Keyframes(name) if name in in_use:
                yield rule


def _auto_dark(rules: Iterable[Rule]) -> Iterator[Rule]:
    """Rescope the rules of the dark theme, so that a link with media="(prefers-color-scheme: dark)" can apply them."""
    for rule in rules:
        match rule:
            case Style(selectors, declarations):
                dark = [AUTO + selector.removeprefix(DARK) for selector in selectors if selector.startswith(DARK)]
                if dark:
                    yield Style(dark, declarations)
            case Group(condition, inner):
                rest = list(_auto_dark(inner))
                if rest:
                    yield Group(condition, rest)


def _text(rules: Iterable[Rule]) -> str:
    parts = []
    for rule in rules:
        match rule:
            case Style(selectors, declarations):
                parts.append(f"{','.join(selectors)}{{{';'.join(map(':'.join, declarations))}}}")
            case Group(condition, inner):
                parts.append(f"{condition}{{{_text(inner)}}}")
            case Keyframes(name, frames):
                parts.append(f"@keyframes {name}{{{frames}}}")
    return "".join(parts)


def _inventory(path: Path, made: Mapping[Path, bytes], source: bytes) -> bytes:
    """Return vendor.json with our entries anew and those written by hand as they are."""
    ours = [
        {
            "file": file.name,
            "name": "Bootstrap",
            "version": Bootstrap5.bootstrap_version,
            "licence": "MIT",
            "source": f"Bootstrap-Flask {version('Bootstrap-Flask')}: flask_bootstrap/{SOURCE}",
            "source_sha256": sha256(source).hexdigest(),
            "sha256": sha256(content).hexdigest(),
        }
        for file, content in made.items()
    ]
    others = [entry for entry in json.loads(path.read_bytes()) if path.with_name(entry["file"]) not in made]
    entries = sorted(ours + others, key=lambda entry: entry["file"])
    return (json.dumps(entries, indent=2, ensure_ascii=False) + "\n").encode()


if __name__ == "__main__":
    sys.exit(main())
