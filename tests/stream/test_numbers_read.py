"""Numbers that remember what was read: words along a Category do not depend on what else is in a batch."""

from collections import Counter
from pathlib import Path
from typing import Any

import awkward as ak  # type: ignore[import-untyped]  # it has no types
import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]  # as above
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runfolio.plots import Category, Columns, Reducer
from runfolio.plots.contents import Contents
from runfolio.stream import Rows, what_was_read
from runfolio.stream.awkward_values import plain
from runfolio.stream.column_files import open_column_file
from runfolio.stream.json_values import column_of, some_of


def words(*columns: Any) -> dict[str, int]:
    """Return the words that columns fill, one after the other, and how often."""
    reducer = Reducer("Mine", reads=Columns(run="run"))
    reducer.hist("x", Category(limit=200))
    contents = Contents(reducer.histograms["x"])
    for column in columns:
        contents.fill(Rows(len(column), lambda _, column=column: column))  # type: ignore[misc]
    counts = contents.snapshot()
    [axis] = counts.axes
    inside = counts.values[1:-1].tolist()
    return {word: n for word, n in zip(axis.names, inside, strict=True) if n}  # type: ignore[union-attr]


def word(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def counted(values: list[Any]) -> dict[str, int]:
    return dict(Counter(word(value) for value in values if value is not None))


WHOLE = st.integers(-3, 3) | st.sampled_from([2**52, 2**53 + 1, -(2**60) - 1, 2**63 - 1])
REAL = st.sampled_from([0.5, 1.0, -2.0, 1e300])
KINDS = {
    "bool": (st.booleans(), pa.bool_()),
    "int64": (WHOLE, pa.int64()),
    "uint64": (st.integers(0, 3) | st.sampled_from([2**64 - 1]), pa.uint64()),
    "double": (st.sampled_from([0.5, 1.0, -2.0]), pa.float64()),
    "string": (st.sampled_from(["a", "", "1", "True"]), pa.string()),
}
IN_JSON = st.none() | st.booleans() | WHOLE | REAL | st.sampled_from(["a", "n/a"]) | st.just(2**70)


@given(st.lists(IN_JSON, max_size=12), st.integers(0, 12), st.randoms(use_true_random=False))
def test_words_of_json_depend_neither_on_order_nor_on_split(values: list[Any], cut: int, random: Any) -> None:
    mixed = random.sample(values, len(values))
    assert words(column_of(mixed[:cut]), column_of(mixed[cut:])) == words(column_of(values))
    if 1e300 not in values:
        assert words(column_of(values)) == counted(values)


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_parquet_depend_neither_on_order_nor_on_split(kind: str, tmp_path: Path) -> None:
    inner, stored = KINDS[kind]

    @settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(st.none() | inner, max_size=8), st.integers(0, 8))
    def check(values: list[Any], cut: int) -> None:
        columns = []
        for number, part in enumerate((values[:cut], values[cut:])):
            path = tmp_path / f"{number}.parquet"
            pq.write_table(pa.table({"x": pa.array(part, stored)}), path, row_group_size=2)
            file = open_column_file(str(path), None)
            columns += [columns["x"] for _, columns in file.batches(["x"], 0, 3)]
            file.close()
        assert words(*columns) == counted(values)

    check()


@pytest.mark.parametrize("values", [[True, None, False], [2**60 + 1, None, 5]])
def test_numbers_of_which_one_is_missing_are_numbers(values: list[Any]) -> None:
    for column in (column_of(values), plain(ak.Array(values))):
        assert column.dtype == np.float64
        assert (column + 1).tolist()[0] == float(values[0]) + 1
        assert (column == values[0]).tolist() == [True, False, False]
        assert isinstance(column.copy()[0], float)
        assert np.nansum(column) == float(values[0]) + values[2]
        assert type(column * 2) is np.ndarray


def test_words_of_awkward_s_flat_numbers_of_which_one_is_missing() -> None:
    assert words(plain(ak.Array([True, None, False]))) == {"True": 1, "False": 1}
    whole = ak.values_astype(ak.Array([2**60 + 1, None, 5]), np.uint64)
    assert words(plain(whole)) == {str(2**60 + 1): 1, "5": 1}


def test_what_is_chosen_remembers_what_was_read() -> None:
    column = column_of([True, None, False, True])
    for chosen, read in (
        (slice(1, 3), [None, False]),
        (np.array([3, 0]), [True, True]),
        (column == 1, [True, True]),
    ):
        found = what_was_read(some_of(column, chosen))
        assert found is not None
        assert found.tolist() == read
    assert words(column[column >= 0]) == {"True": 2, "False": 1}


def test_what_was_changed_since_does_not_say_what_was_read() -> None:
    column = column_of([True, None])[np.array([0, 1])]
    column[0] = 7
    assert what_was_read(column) is None
    assert words(column) == {"7": 1}
    assert what_was_read(column_of([1, 2])) is None


def test_numbers_that_need_not_remember_do_not() -> None:
    for values in ([1, None], [1.5, None], [True, False], [2**60]):
        assert what_was_read(column_of(values)) is None


def test_infinity_may_stand_for_a_whole_number() -> None:
    assert words(column_of([10**400, None, 1])) == {"1" + "0" * 79: 1, "1": 1}
