"""What people call a browser, by what it says of itself: enough to know one's own again, no more."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from webapp.i18n import gettext as _


class Browser(NamedTuple):
    """A browser in which somebody is logged in. here: whether it is the one that asks."""

    id: UUID
    name: str
    address: str
    created_at: datetime
    seen_at: datetime
    here: bool


# What is said, and what it means; the first that is found, because most say the names of others after their own.
PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("YaBrowser", "Yandex Browser"),
    ("FxiOS", "Firefox"),
    ("SeaMonkey", "SeaMonkey"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrom", "Chrome"),
    ("Epiphany", "GNOME Web"),
    ("Safari", "Safari"),
    ("Lynx", "Lynx"),
    ("w3m", "w3m"),
    ("ELinks", "ELinks"),
    ("Links", "Links"),
    ("NetSurf", "NetSurf"),
    ("Dillo", "Dillo"),
    ("edbrowse", "edbrowse"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac", "macOS"),
    ("Linux", "Linux"),
    ("BSD", "BSD"),
)


def name_of(said: str) -> str:
    """ "Firefox on Linux", as far as that is known."""
    program, system = _first(PROGRAMS, said), _first(SYSTEMS, said)
    if program and system:
        return str(_("%(browser)s on %(system)s", browser=program, system=system))
    return program or str(_("A browser on %(system)s", system=system) if system else _("A browser"))


def _first(names: Sequence[tuple[str, str]], said: str) -> str | None:
    return next((name for sign, name in names if sign in said), None)
