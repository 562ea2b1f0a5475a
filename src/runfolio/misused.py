"""What to say to whoever gave a command words that it does not take."""

from cyclopts.exceptions import CycloptsError, UnusedCliTokensError

from runfolio.nearest import nearest

__all__ = ["misused"]


def misused(error: CycloptsError) -> str:
    """Return what is wrong with a command line, and what to do, in one line."""
    words = " ".join(("runfolio", *(error.command_chain or ())))
    help_says = f"{words} --help shows what is accepted"
    if not isinstance(error, UnusedCliTokensError) or not error.unused_tokens:
        return f"{' '.join(str(error).split())} {help_says}."
    word = error.unused_tokens[0]
    commands = [name for name in error.app or () if not name.startswith("-")]
    if word in commands:
        return f"give the command first: {words} {word}"
    near = nearest(word, commands, most=1)
    advice = f"did you mean {words} {near[0]}?" if near else help_says
    return f"{words} takes no {word!r} here; {advice}"
