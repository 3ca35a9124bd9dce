import pickle

import pytest

from evalscope.config import ModelArgs
from evalscope.core.generation import Generation
from evalscope.core.message import Message
from evalscope.errors import ConfigError, MissingDependency, ModelError, PromptTooLong
from evalscope.models.replicas.crossing import Question, Reply, carry


def crossed(value):
    return pickle.loads(pickle.dumps(value))


@pytest.mark.parametrize(
    "error",
    [ConfigError("a"), PromptTooLong("b"), MissingDependency("replicas", "cluster")],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_out_as_itself_with_its_attributes(error):
    error.hint = {"a": 1}
    came = crossed(Reply(carry(error), 1)).outcome.error()
    assert (type(came), str(came), came.hint) == (type(error), str(error), {"a": 1})


def test_an_error_is_told_with_its_place():
    assert str(carry(ConfigError("no folder"), "node a: ").error()) == "node a: no folder"


def test_an_error_of_somebody_else_is_a_failure_of_the_request():
    error = carry(ZeroDivisionError("division by zero")).error()
    assert (type(error), str(error)) == (ModelError, "ZeroDivisionError: division by zero")


def test_questions_and_settings_cross():
    question = Question("generate", ((Message("user", "Hi"),), Generation(temperature=0.0, stop=("a",))))
    assert crossed(question) == question
    args = ModelArgs(precision="float32", replicas=2)
    assert crossed(args) == args
