import pytest

from evalscope.config import ModelArgs
from evalscope.core.message import Message
from evalscope.errors import ConfigError, RequestRefused
from evalscope.models.checkpoint.load import load
from evalscope.models.checkpoint.prompt import prompt_tokens
from tests.models.checkpoint.tiny import make_tiny

TALK = (Message("system", "Be brief."), Message("user", "Hi"), Message("assistant", "Hello"), Message("user", "2+2?"))
NO_SYSTEM = """{% for message in messages %}{% if message.role == 'system' %}
{{ raise_exception('System role not supported') }}{% endif %}{{ message.content }}{% endfor %}"""


@pytest.fixture
def with_template(folder):
    """A tokenizer with another template."""

    def make(template):
        return load(folder, ModelArgs(chat_template=template)).tokenizer

    return make


@pytest.fixture(scope="module")
def base_tokenizer(base_folder):
    return load(base_folder, ModelArgs()).tokenizer


def test_chat_template_opens_the_assistants_turn(loaded):
    text = loaded.tokenizer.decode(prompt_tokens(loaded.tokenizer, TALK, {}))
    assert text == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nHello<|im_end|>\n"
        "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n"
    )


def test_markers_of_the_template_are_special_tokens(loaded):
    tokens = prompt_tokens(loaded.tokenizer, TALK, {})
    assert tokens[0] == loaded.tokenizer.convert_tokens_to_ids("<|im_start|>")


def test_template_arguments_reach_the_template(loaded):
    text = loaded.tokenizer.decode(prompt_tokens(loaded.tokenizer, TALK, {"enable_thinking": False}))
    assert text.endswith("<|im_start|>assistant\n<think></think>")


def test_template_argument_may_close_the_prompt(loaded):
    text = loaded.tokenizer.decode(prompt_tokens(loaded.tokenizer, TALK, {"add_generation_prompt": False}))
    assert text.endswith("2+2?<|im_end|>\n")


def test_refusal_by_the_template_keeps_its_words(with_template):
    with pytest.raises(RequestRefused, match="System role not supported"):
        prompt_tokens(with_template(NO_SYSTEM), TALK, {})


def test_conversation_that_breaks_the_template_is_refused(with_template):
    with pytest.raises(RequestRefused, match="does not take"):
        prompt_tokens(with_template("{{ messages[0].content + 1 }}"), TALK, {})


def test_template_that_cannot_be_read_is_a_fault_of_the_configuration(with_template):
    with pytest.raises(ConfigError, match="cannot be read"):
        prompt_tokens(with_template("{% if %}"), TALK, {})


def test_base_model_gets_the_contents_joined_by_a_blank_line(base_tokenizer):
    tokens = prompt_tokens(base_tokenizer, TALK[:2], {})
    assert base_tokenizer.decode(tokens) == "Be brief.\n\nHi"


def test_empty_prompt_is_refused(base_tokenizer):
    with pytest.raises(RequestRefused, match="empty"):
        prompt_tokens(base_tokenizer, (Message("user", ""),), {})


@pytest.fixture
def framing_tokenizer(base_folder):
    """A base tokenizer that puts <|im_start|> before and <|im_end|> behind every text."""
    from tokenizers.processors import TemplateProcessing

    tokenizer = load(base_folder, ModelArgs()).tokenizer
    tokenizer.add_special_tokens({"bos_token": "<|im_start|>"})
    bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<|im_start|> $A <|im_end|>", special_tokens=[("<|im_start|>", bos), ("<|im_end|>", eos)]
    )
    return tokenizer


@pytest.mark.parametrize("text", ["Hi", "<|im_start|>Hi"], ids=["without", "with its own"])
def test_base_prompt_begins_with_one_bos(framing_tokenizer, text):
    tokens = prompt_tokens(framing_tokenizer, (Message("user", text),), {})
    assert tokens.count(framing_tokenizer.bos_token_id) == 1
    assert tokens[0] == framing_tokenizer.bos_token_id


def test_base_prompt_is_not_closed_by_the_tokenizer(framing_tokenizer):
    tokens = prompt_tokens(framing_tokenizer, (Message("user", "Hi"),), {})
    assert tokens[-1] != framing_tokenizer.eos_token_id


LLAMA_3 = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '<|im_start|>' + message.role + '\n\n' + message.content + '<|im_end|>' }}{% endfor %}"
)
GEMMA = (
    "{{ bos_token }}{% for message in messages %}"
    "{% set role = 'model' if message.role == 'assistant' else message.role %}"
    "{{ '<|im_start|>' + role + '\n' + message.content | trim + '<|im_end|>\n' }}{% endfor %}"
)
MISTRAL = (
    "{{ bos_token }}{% for message in messages %}"
    "{{ '[INST] ' + message.content + ' [/INST]' if message.role == 'user' else ' ' + message.content + eos_token }}"
    "{% endfor %}"
)
WITHOUT_BOS = "{% for message in messages %}{{ message.content }}{% endfor %}"


@pytest.mark.parametrize(
    ("template", "num_bos"),
    [(LLAMA_3, 1), (GEMMA, 1), (MISTRAL, 1), (WITHOUT_BOS, 0)],
    ids=["llama 3", "gemma", "mistral", "a template that wants none"],
)
def test_bos_of_a_chat_is_the_templates_alone(tmp_path, template, num_bos):
    # the tokenizer puts one in front of every plain text
    tokenizer = load(make_tiny(tmp_path, family="llama", begins=True), ModelArgs(chat_template=template)).tokenizer
    assert tokenizer.encode("x")[0] == tokenizer.bos_token_id
    tokens = prompt_tokens(tokenizer, TALK, {})
    assert tokens.count(tokenizer.bos_token_id) == num_bos
    assert (tokens[0] == tokenizer.bos_token_id) == bool(num_bos)


def test_template_of_a_file_is_used(folder, tmp_path):
    (tmp_path / "own.jinja").write_text("{{ messages[-1].content }}!")
    tokenizer = load(folder, ModelArgs(chat_template=str(tmp_path / "own.jinja"))).tokenizer
    assert tokenizer.decode(prompt_tokens(tokenizer, TALK, {})) == "2+2?!"
