"""Offers: the names under which installed packages offer plots, and what each is; nothing of it runs."""

import ast
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path

import msgspec

GROUP = "runfolio.plots"


class Offer(msgspec.Struct, frozen=True):
    """A name that --plots takes."""

    name: str
    value: str
    """Where it is to be found: `package.module:attribute`."""
    description: str
    """The first line of what is written there; empty where nothing is."""


def offered() -> dict[str, EntryPoint]:
    """Return what installed packages offer, by name, in the order of the names."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name)}


def list_offers() -> list[Offer]:
    """Return what is offered; a package that cannot be read is listed without a description."""
    return [Offer(name, entry.value, _description(entry)) for name, entry in offered().items()]


def _description(entry: EntryPoint) -> str:
    """Return the first line of the text below the attribute's assignment, or else of the module's."""
    try:
        spec = find_spec(entry.module)
        module = ast.parse(Path(spec.origin).read_text()) if spec and spec.origin else ast.Module([], [])
    except Exception:  # noqa: BLE001  (another package's business, which whoever loads it is told of)
        return ""
    text = _text_below(module, entry.attr) or ast.get_docstring(module) or ""
    return text.strip().partition("\n")[0]


def _text_below(module: ast.Module, name: str) -> str:
    for statement, below in zip(module.body, module.body[1:], strict=False):
        match statement, below:
            case (
                ast.Assign(targets=[ast.Name(id=given)]) | ast.AnnAssign(target=ast.Name(id=given)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ) if given == name:
                return text
    return ""
