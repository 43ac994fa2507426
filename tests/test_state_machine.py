"""Two clients of one account, page and API mixed, do anything in any order: a plain list says what must be there."""

import os
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.support.clients import CLIENTS, Page, Program, account_named
from webapp.models.accounts.token import add_token

Item = dict[str, Any]  # title, completed
Snapshot = tuple[list[Item], list[Item]]  # the list and the trash, as they were before something that can be undone

STEPS = int(os.environ.get("RECADO_TEST_STEPS", "200"))  # 2,000 in a long run
EACH = 50  # steps of one list


class TwoClients(RuleBasedStateMachine):
    """`items` is the list and `trash` what was deleted; `undoable`, what the acting client's last change took away."""

    app: Flask
    number = 0

    @initialize(kinds=st.tuples(st.sampled_from(CLIENTS), st.sampled_from(CLIENTS)))
    def come(self, kinds: tuple[type[Any], type[Any]]) -> None:
        type(self).number += 1
        name = f"Ana {type(self).number}"
        first = Page(self.app)
        first.enter(name)
        self.clients = [self._client(kind, name, first) for kind in kinds]
        self.witness = self._client(Program, name, first)
        self.items: list[Item] = []
        self.trash: list[Item] = []
        self.undoable: list[Snapshot | None] = [None, None]
        self.titles = 0

    def _client(self, kind: type[Any], name: str, first: Page) -> Any:
        """A client of the same account: the program by a token of it, browsers by the same cookie."""
        client = kind(self.app)
        if isinstance(client, Program):
            with self.app.extensions["database"].transaction(write=True) as transaction:
                client.token = add_token(account_named(self.app, name))
                transaction.commit()
        else:
            client.http = first.http
        return client

    def _acting(self, who: int) -> Any:
        client = self.clients[who]
        client.open()
        return client

    def _changed(self, who: int, before: Snapshot | None) -> None:
        """Only who changed something last can take it back without meeting what the other has done since."""
        self.undoable = [None, None]
        self.undoable[who] = before

    def _now(self) -> Snapshot:
        return [dict(item) for item in self.items], [dict(item) for item in self.trash]

    who = st.integers(0, 1)
    which = st.integers(0, 100)

    def _item(self, which: int) -> Item:
        return self.items[which % len(self.items)]

    # ---- Verbs

    @rule(who=who)
    def add(self, who: int) -> None:
        self.titles += 1
        self._acting(who).add(f"To-do {self.titles}")
        self.items.append({"title": f"To-do {self.titles}", "completed": False})
        self._changed(who, None)

    @precondition(lambda self: self.items)
    @rule(who=who, which=which)
    def edit(self, who: int, which: int) -> None:
        item, before = self._item(which), self._now()
        self.titles += 1
        self._acting(who).edit(item["title"], f"To-do {self.titles}")
        item["title"] = f"To-do {self.titles}"
        self._changed(who, before)

    @precondition(lambda self: self.items)
    @rule(who=who, which=which)
    def complete_or_reopen(self, who: int, which: int) -> None:
        item, before = self._item(which), self._now()
        client = self._acting(who)
        (client.reopen if item["completed"] else client.complete)(item["title"])
        item["completed"] = not item["completed"]
        self._changed(who, before)

    @precondition(lambda self: len(self.items) > 1)  # one alone cannot be rearranged
    @rule(who=who, which=which, to=st.sampled_from(["up", "down", "top", "bottom"]))
    def move(self, who: int, which: int, to: str) -> None:
        item, before = self._item(which), self._now()
        self._acting(who).move(item["title"], to)
        here = self.items.index(item)
        there = {"up": here - 1, "down": here + 1, "top": 0, "bottom": len(self.items) - 1}[to]
        moves = there != here and 0 <= there < len(self.items)
        if moves:
            self.items.insert(there, self.items.pop(here))
        self._changed(who, before if moves else None)

    @precondition(lambda self: self.items)
    @rule(who=who, which=which)
    def delete(self, who: int, which: int) -> None:
        item, before = self._item(which), self._now()
        self._acting(who).delete(item["title"])
        self.items.remove(item)
        self.trash.append(item)
        self._changed(who, before)

    @precondition(lambda self: self.items)
    @rule(who=who)
    def mark_all(self, who: int) -> None:
        before = self._now()
        completed = not all(item["completed"] for item in self.items)  # a page offers what changes something
        client = self._acting(who)
        client.complete_all() if completed else client.reopen_all()
        for item in self.items:
            item["completed"] = completed
        self._changed(who, before)

    @precondition(lambda self: any(item["completed"] for item in self.items))
    @rule(who=who)
    def clear(self, who: int) -> None:
        before = self._now()
        self._acting(who).clear_completed()
        self.trash += [item for item in self.items if item["completed"]]
        self.items = [item for item in self.items if not item["completed"]]
        self._changed(who, before)

    @precondition(lambda self: any(self.undoable))
    @rule()
    def undo(self) -> None:
        who = 0 if self.undoable[0] else 1
        before = self.undoable[who]
        assert before
        self.clients[who].undo()
        self.items, self.trash = before
        self._changed(who, None)

    @precondition(lambda self: self.trash)
    @rule(who=who, which=which)
    def restore(self, who: int, which: int) -> None:
        item = self.trash.pop(which % len(self.trash))
        client = self.clients[who]
        if isinstance(client, Program):
            id = next(each["id"] for each in client.call("GET", "/trash") if each["title"] == item["title"])
            client.call("POST", f"/trash/{id}/restore")
        else:
            client.go("/trash")
            client.press(f"Restore {item['title']}")
        # Where it stood, others may stand by now (tests/test_trash.py tells where it goes); the others stay in order.
        self.items.insert(self.witness.titles().index(item["title"]), item)
        self._changed(who, None)

    @precondition(lambda self: self.trash)
    @rule(who=who)
    def empty_trash(self, who: int) -> None:
        client = self.clients[who]
        if isinstance(client, Program):
            client.call("DELETE", "/trash")
        else:
            client.go("/trash/empty")
            client.press("Empty the trash")
        self.trash = []
        self._changed(who, None)

    # ---- What must be so

    @invariant()
    def the_list_is_the_models(self) -> None:
        if not hasattr(self, "items"):
            return
        assert self.witness.titles() == [item["title"] for item in self.items]
        assert self.witness.completed() == [item["title"] for item in self.items if item["completed"]]
        trashed = [item["title"] for item in self.witness.call("GET", "/trash")]
        assert sorted(trashed) == sorted(item["title"] for item in self.trash)


def test_whatever_two_clients_do_the_list_is_what_they_did(any_app: Flask) -> None:
    machine = type("Machine", (TwoClients,), {"app": any_app})
    run_state_machine_as_test(
        machine,
        settings=settings(
            derandomize=True,
            database=None,
            deadline=None,
            max_examples=max(1, STEPS // EACH),
            stateful_step_count=EACH,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
