import pytest
from source_builders import lay_out

from evalscope.sources.readme import HubConfig, read_configs
from evalscope.sources.trees import list_tree


def configs(tmp_path, text, folder=""):
    return read_configs(list_tree(lay_out(tmp_path, {f"{folder}README.md": text, "x.txt": ""})), folder)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(
            "- config_name: main\n  data_files:\n"
            "  - split: train\n    path: main/train-*\n  - split: test\n    path: main/t.csv",
            (HubConfig("main", "train", ("main/train-*",)), HubConfig("main", "test", ("main/t.csv",))),
            id="splits",
        ),
        pytest.param("- config_name: a\n  data_files: x.csv", (HubConfig("a", "train", ("x.csv",)),), id="one file"),
        pytest.param(
            "- config_name: a\n  data_files:\n  - x.csv\n  - ./y.csv",
            (HubConfig("a", "train", ("x.csv",)), HubConfig("a", "train", ("y.csv",))),
            id="list of files",
        ),
        pytest.param(
            "- config_name: a\n  data_dir: d/\n  data_files:\n  - split: test\n    path: [x.csv, y.csv]",
            (HubConfig("a", "test", ("d/x.csv", "d/y.csv")),),
            id="several paths in a folder",
        ),
        pytest.param("- nonsense\n- 7", (), id="another shape"),
        pytest.param("just text", (), id="no list"),
    ],
)
def test_configs_are_read_in_every_form(tmp_path, block, expected):
    indented = "\n".join(f"  {line}" for line in block.splitlines())
    assert configs(tmp_path, f"---\nlicense: mit\nconfigs:\n{indented}\n---\n# Title\n") == expected


@pytest.mark.parametrize(
    "text",
    ["# Title only", "", "---\nlicense: mit\n---\n", "---\nconfigs:\n  - a\nno end", "---\nconfigs: [unclosed\n---\n"],
    ids=["no front matter", "empty", "no configs", "unclosed", "no YAML"],
)
def test_a_readme_without_usable_configs_declares_nothing(tmp_path, text):
    assert configs(tmp_path, text) == ()


def test_windows_line_ends_are_understood(tmp_path):
    block = "---\r\nconfigs:\r\n- config_name: a\r\n  data_files: x.csv\r\n---\r\n"
    assert configs(tmp_path, block) == (HubConfig("a", "train", ("x.csv",)),)


def test_the_readme_of_a_folder_below_is_read_for_that_folder(tmp_path):
    block = "---\nconfigs:\n- config_name: a\n  data_files: x.csv\n---\n"
    assert configs(tmp_path, block, "deep/") == (HubConfig("a", "train", ("x.csv",)),)
    assert read_configs(list_tree(tmp_path), "") == ()
