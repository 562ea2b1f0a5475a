"""Whom a lost process is charged to, what is asked for again, and in which order."""

import dataclasses

import pytest

from runfolio.images import Image
from runfolio.render import Failure, RenderJob
from runfolio.render.job import ReducerView
from runfolio.render.making import ATTEMPTS, Making

ALL = [("Dimuon", "root"), ("both", "png"), ("both", "pdf"), ("all", "png"), ("all", "pdf")]


@pytest.fixture
def making(job: RenderJob) -> Making:
    return Making(dataclasses.replace(job, image_types=("png", "pdf")))


def ask(making: Making, images: int, *, data_first: bool = False) -> list[int | None]:
    """Send the job, and ask for so many images."""
    making.sent()
    return [making.next(data_first=data_first) for _ in range(images)]


def image(place: int) -> Image:
    return Image(tag=ALL[place][0], image_type=ALL[place][1], data=b"%d" % place)


def answer(making: Making, *places: int) -> None:
    """Answer the job, and these images."""
    making.answered(None)
    for place in places:
        making.answered(image(place))


def reasons(making: Making) -> dict[tuple[str, str], str]:
    return {(each.tag, each.image_type): each.reason for each in making.rendered().failures}


def test_images_are_asked_for_in_their_order_until_none_is_left(making: Making) -> None:
    assert ask(making, 6) == [0, 1, 2, 3, 4, None]
    answer(making, 0, 1, 2, 3)
    assert (making.asked, making.done) == (1, False)
    making.answered(Failure("all", "pdf", "no ink"))
    assert (making.asked, making.done) == (0, True)
    assert making.rendered().images == tuple(map(image, range(4)))
    assert reasons(making) == {("all", "pdf"): "no ink"}


def test_a_loss_before_the_job_arrived_is_charged_to_no_image(making: Making) -> None:
    for _ in range(ATTEMPTS):
        assert reasons(making) == {}
        assert ask(making, 2) == [0, 1]
        making.lost("died")
    assert reasons(making) == dict.fromkeys(ALL[1:], "the drawing process died in each of 3 attempts")
    assert (making.done, making.data_left) == (True, [0])


def test_what_the_process_did_not_take_keeps_that_reason(making: Making) -> None:
    making.give_up_pictures("cannot be sent")
    making.give_up("no time")
    assert reasons(making) == dict.fromkeys(ALL, "cannot be sent")


def test_losses_before_the_job_arrived_count_in_succession_only(making: Making) -> None:
    for place in range(3):
        making.lost("died")
        making.lost("died")
        assert ask(making, 1) == [place]
        answer(making, place)
    assert making.rendered().failures == ()


def test_a_loss_is_charged_to_the_first_image_without_an_answer(making: Making) -> None:
    for _ in range(ATTEMPTS):
        ask(making, 2)
        answer(making)
        making.lost("died")
    assert reasons(making) == {ALL[0]: "the drawing process died in each of 3 attempts"}
    assert ask(making, 4) == [1, 2, 3, 4]


def test_what_is_there_is_not_asked_for_again(making: Making) -> None:
    assert ask(making, 3) == [0, 1, 2]
    answer(making, 0)
    making.lost("died")
    assert ask(making, 5) == [1, 2, 3, 4, None]


def test_a_loss_with_all_answered_costs_nothing(making: Making) -> None:
    ask(making, 2)
    answer(making, 0, 1)
    making.lost("died")
    assert ask(making, 4) == [2, 3, 4, None]


def test_the_reason_tells_each_way_of_being_lost(making: Making) -> None:
    for how in ("died", "hung for 60 s", "died"):
        ask(making, 1)
        answer(making)
        making.lost(how)
    assert reasons(making) == {ALL[0]: "the drawing process died or hung for 60 s in each of 3 attempts"}


def test_each_loss_is_logged_with_its_run_and_image(making: Making, caplog: pytest.LogCaptureFixture) -> None:
    making.lost("died")
    ask(making, 2)
    answer(making, 0)
    making.lost("hung for 60 s")
    assert caplog.messages == [
        "run 4235: the drawing process died before it drew, attempt 1 of 3",
        "run 4235: the drawing process hung for 60 s at both.png, attempt 1 of 3",
    ]


@pytest.fixture
def two_reducers(job: RenderJob, view: ReducerView) -> Making:
    return Making(dataclasses.replace(job, reducers=(view, dataclasses.replace(view, name="Second"))))


def test_data_come_first_where_there_is_hurry(two_reducers: Making) -> None:
    assert ask(two_reducers, 1) == [0]
    assert ask(two_reducers, 5, data_first=True) == [3, 1, 2, 4, 5]


def test_data_that_are_there_or_given_up_are_not_left(two_reducers: Making) -> None:
    assert two_reducers.data_left == [0, 3]
    ask(two_reducers, 1)
    answer(two_reducers, 0)
    assert two_reducers.data_left == [3]
    two_reducers.give_up("no time")
    assert two_reducers.data_left == []


def test_data_are_made_here_in_their_place(two_reducers: Making) -> None:
    two_reducers.make_here(3)
    two_reducers.give_up("no time")
    assert [each.tag for each in two_reducers.rendered().images] == ["Second"]
    assert two_reducers.rendered().images[0].image_type == "root"


def test_giving_up_spares_what_is_there(making: Making) -> None:
    ask(making, 2)
    answer(making, 0)
    making.give_up("no time")
    assert making.done
    assert making.rendered().images == (image(0),)
    assert reasons(making) == dict.fromkeys(ALL[1:], "no time")
    assert making.next(data_first=True) is None
