"""Keeps the catalogues in step with the code: `python -m tools.translations` writes them, `--check` only looks.

New sentences land in `webapp/translations/<language>/LC_MESSAGES/messages.po`: translate them there and run it again.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOP = Path(__file__).resolve().parent.parent
CATALOGUES = TOP / "webapp" / "translations"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
METHODS = [("webapp/**.py", "python"), ("templates/**.html", "jinja2"), ("partials/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def sentences() -> Catalog:
    """Every sentence that a person may see, as the code has it now."""
    template = Catalog()
    for folder in ("webapp", "templates", "partials"):
        methods = [(pattern.partition("/")[2], method) for pattern, method in METHODS if pattern.startswith(folder)]
        for _name, _line, message, _comments, context in extract_from_dir(TOP / folder, methods, keywords=KEYWORDS):
            template.add(message, context=context)
    return template


def updated(path: Path, template: Catalog) -> tuple[bytes, bytes, list[str]]:
    """The catalogue as it should be (.po and .mo), and the sentences that still want a translation."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parts[-3])
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.creation_date = catalogue.revision_date = EPOCH  # or the same sentences made a new file each minute
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=120, sort_output=True, no_location=True, omit_header=True)
    write_mo(mo, catalogue)
    missing = [str(message.id) for message in catalogue if message.id and not _is_translated(message.string)]
    return po.getvalue(), mo.getvalue(), missing


def problems() -> list[str]:
    """What is not in step: files that the tool would write otherwise, and untranslated sentences."""
    found = []
    template = sentences()
    for path in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
        po, mo, missing = updated(path, template)
        found += [f"{path.parts[-3]}: untranslated: {sentence}" for sentence in missing]
        if path.read_bytes() != po or path.with_suffix(".mo").read_bytes() != mo:
            found.append(f"{path.relative_to(TOP)} is not up to date: run python -m tools.translations")
    return found


def main() -> int:
    if "--check" not in sys.argv:
        template = sentences()
        for path in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
            po, mo, _ = updated(path, template)
            path.write_bytes(po)
            path.with_suffix(".mo").write_bytes(mo)
    found = problems()
    print("\n".join(found) or "All sentences are translated.")
    return 1 if found else 0


def _is_translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    sys.exit(main())
