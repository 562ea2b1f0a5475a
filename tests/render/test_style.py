"""Pictures are styled by nobody's settings."""

import matplotlib as mpl

from runfolio.render.style import fixed_style


def test_a_user_s_settings_change_nothing() -> None:
    with mpl.rc_context({"path.simplify": False, "font.size": 40, "text.usetex": True}), fixed_style():
        assert not mpl.rcParams["text.usetex"]
        assert mpl.rcParams["path.simplify"]


def test_a_user_s_settings_come_back() -> None:
    with mpl.rc_context({"font.size": 40}):
        with fixed_style():
            pass
        assert mpl.rcParams["font.size"] == 40
