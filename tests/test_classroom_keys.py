"""The keys of the class server: whatever editors make of the file, and what the cards say."""

import os
import stat
from unittest.mock import Mock

import pytest

from classroom import cards
from classroom.__main__ import main
from classroom.keys import Keys, Person, WrongKeyFile, add, names, read, revoke

LINES = "teacher-aaaa-bbbb-cccc  Teacher\nadaa-adaa-adaa  Ada\nbooo-booo-booo  Müller, Bo\n"
NAMES = ["Teacher", "Ada", "Müller, Bo"]
FORMS = {
    "as we write it": LINES.encode(),
    "a byte order mark": b"\xef\xbb\xbf" + LINES.encode(),
    "CRLF": LINES.replace("\n", "\r\n").encode(),
    "both": b"\xef\xbb\xbf" + LINES.replace("\n", "\r\n").encode(),
    "PowerShell's UTF-16": LINES.replace("\n", "\r\n").encode("utf-16"),
    "no end of the last line": LINES.rstrip().encode(),
    "empty lines and remarks": ("# remark\n\n \t\n" + LINES.replace("\n", " \n\n")).encode(),
    "tabs": LINES.replace("  ", "\t").encode(),
}
WRONG = {
    "no key": ("Ada Lovelace\n", "Line 1 of keys.txt does not begin with a key"),
    "a key cut short": ("adaa-adaa  Ada\n", "does not begin with a key"),
    "no name": ("adaa-adaa-adaa\n", "has a key and no name"),
    "a key twice": ("adaa-adaa-adaa  Ada\nadaa-adaa-adaa  Bo\n", "the same key as line 1"),
    "a name twice": ("adaa-adaa-adaa  Ada\nbooo-booo-booo  ADA\n", "the same name as line 1"),
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "keys.txt"


@pytest.mark.parametrize("form", FORMS)
def test_a_file_is_read_in_every_form(file, form):
    file.write_bytes(FORMS[form])
    assert [person.name for person in read(file)] == NAMES


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_line_is_named_and_no_key_is(file, what):
    text, words = WRONG[what]
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongKeyFile, match=words) as caught:
        read(file)
    assert "adaa" not in str(caught.value)


def test_a_file_in_another_encoding_or_none_says_what_to_do(file):
    with pytest.raises(WrongKeyFile, match="python -m classroom keys"):
        read(file)
    file.write_bytes("adaa-adaa-adaa  Jörg\n".encode("latin-1"))
    with pytest.raises(WrongKeyFile, match="UTF-8"):
        read(file)


def test_a_list_of_names_with_everything_that_lists_have(tmp_path):
    listed = tmp_path / "names.txt"
    listed.write_bytes("\ufeffMüller, Jörg\r\n\r\n  Ada \t Lovelace \r\nŁukasz\r\n".encode())
    assert names(listed) == ["Müller, Jörg", "Ada Lovelace", "Łukasz"]
    listed.write_bytes("Jörg\nJo\u0308rg\n".encode())
    with pytest.raises(WrongKeyFile, match=r"twice.*line 2"):
        names(listed)
    listed.write_bytes(b"\r\n\r\n")
    with pytest.raises(WrongKeyFile, match="no name"):
        names(listed)


def test_keys_are_made_once_for_each_name_and_the_rest_of_the_file_stays(file):
    first = add(file, ["Müller, Jörg", "Ada"])
    assert [person.name for person in first] == ["Müller, Jörg", "Ada"]
    file.write_text(file.read_text("utf-8") + "# the second group\n", encoding="utf-8")
    assert [person.name for person in add(file, ["ada", "Bo", "", "bo"])] == ["Bo"]
    people = read(file)
    assert len({person.key for person in people}) == 4 and people[0].is_teacher
    assert "# the second group" in file.read_text("utf-8")
    assert people[1:3] == first, "old cards stay good"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such bits")
def test_the_file_is_for_its_owner_alone(file):
    add(file, ["Ada"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_lost(file, monkeypatch):
    file.write_text(LINES, encoding="utf-8")

    def on_a_disk_that_is_read_only(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("classroom.keys.os.open", on_a_disk_that_is_read_only)
    with pytest.raises(WrongKeyFile, match="cannot be written: Read-only file system.\nClose"):
        add(file, ["Cleo"])
    assert file.read_text(encoding="utf-8") == LINES


def test_a_key_is_revoked_by_name(file):
    file.write_text(LINES, encoding="utf-8")
    revoke(file, "müller,  bo")
    assert [person.name for person in read(file)] == NAMES[:2]
    with pytest.raises(WrongKeyFile, match="Nobody in keys.txt is called 'Bo'"):
        revoke(file, "Bo")


@pytest.mark.parametrize("unseen", ["\ufeff", "\u200b", " \u00a0"])
def test_a_key_behind_what_cannot_be_seen_is_revoked(file, unseen):
    file.write_text(LINES.replace("\n", f"\n{unseen}"), encoding="utf-8")
    revoke(file, "Müller, Bo")
    assert [person.name for person in read(file)] == NAMES[:2]


def test_keys_change_while_the_server_runs_and_a_slip_shuts_nobody_out(file):
    file.write_text(LINES, encoding="utf-8")
    keys = Keys(file)
    ada = keys.owner("adaa-adaa-adaa")
    assert ada.name == "Ada" and keys.holds(ada)
    (new,) = add(file, ["Cleo"])
    assert keys.owner(new.key).name == "Cleo"
    revoke(file, "Ada")
    assert not keys.owner("adaa-adaa-adaa") and not keys.holds(ada)
    file.write_text("what?\n", encoding="utf-8")
    assert keys.owner(new.key) and "Line 1" in keys.error
    file.write_text("", encoding="utf-8")  # as some editors do before they write
    assert keys.owner(new.key) and "no key in" in keys.error
    file.unlink()
    assert keys.owner(new.key) and "cannot be read" in keys.error
    file.write_text(LINES, encoding="utf-8")
    assert keys.owner("adaa-adaa-adaa") and not keys.error


@pytest.mark.parametrize("typed", ["ADAA-ADAA-ADAA", " adaa-adaa-adaa\r"])
def test_a_key_is_known_as_people_type_it(file, typed):
    file.write_text(LINES, encoding="utf-8")
    assert Keys(file).owner(typed).name == "Ada"


@pytest.mark.parametrize("typed", ["", "é", "adaa", "adaa-adaa-adaa-", "\x00", "teacher"])
def test_what_is_no_key_belongs_to_nobody(file, typed):
    file.write_text(LINES, encoding="utf-8")
    assert not Keys(file).owner(typed)


def test_a_key_shows_in_no_text_about_a_person():
    assert "adaa" not in repr(Person("Ada", "adaa-adaa-adaa"))


# --- cards and commands --------------------------------------------------------------------------


def test_a_card_says_what_to_type_on_each_system():
    url = "http://192.168.1.5:8080/v1"
    people = [Person("Teacher", "teacher-aaaa-bbbb-cccc"), Person("<Müller>, Bo", "booo-booo-booo")]
    page = cards.sheet(people, url)
    assert page.count("<article>") == 1 and "teacher-" not in page
    assert "&lt;Müller&gt;, Bo" in page and "<Müller>" not in page
    for lines in [
        f"export LLM_BASE_URL={url}\nexport LLM_API_KEY=booo-booo-booo\nmake lab",
        f"set LLM_BASE_URL={url}\nset LLM_API_KEY=booo-booo-booo\n.venv\\Scripts\\jupyter lab ",
        f"$env:LLM_BASE_URL = &quot;{url}&quot;\n$env:LLM_API_KEY = &quot;booo-booo-booo&quot;\n.",
        "set LLM_API_KEY=booo-booo-booo\nconda activate local-llms\njupyter lab notebooks",
    ]:
        assert lines in page


def test_a_card_for_a_hub_has_its_address_and_the_key_alone():
    people = [Person("Teacher", "teacher-aaaa-bbbb-cccc"), Person("Ada", "adaa-adaa-adaa")]
    page = cards.sheet(people, "http://192.168.1.5:8080/v1", "http://192.168.1.5:8000")
    assert page.count("<article>") == 1 and "adaa-adaa-adaa" in page
    assert "http://192.168.1.5:8000<" in page and "8080" not in page and "LLM_" not in page


def test_a_computer_in_no_network_gets_no_cards_with_an_address_of_its_own(
    file, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(cards, "FILE", tmp_path / "cards.html")
    monkeypatch.setattr("psutil.net_if_addrs", dict)
    monkeypatch.setattr("socket.socket.connect", Mock(side_effect=OSError))
    add(file, ["Ada"])
    assert cards.addresses() == []
    with pytest.raises(SystemExit, match="(?s)is in no network, .* name its address:  --address"):
        main(["cards", "--keys", str(file)])
    assert not (tmp_path / "cards.html").exists()
    main(["cards", "--keys", str(file), "--hub", "https://hub.example.org"])
    assert "Address: https://hub.example.org" in capsys.readouterr().out


def test_the_commands_make_keys_cards_and_take_them_back(tmp_path, file, monkeypatch, capsys):
    monkeypatch.setattr(cards, "FILE", tmp_path / "cards.html")
    listed, here = tmp_path / "names.txt", ["--keys", str(file)]
    listed.write_text("Ada\nMüller, Bo\n", encoding="utf-8")
    main(["keys", str(listed), *here])
    assert "2 new keys" in capsys.readouterr().out
    main(["add", "Cleo", *here])
    main(["revoke", "Müller, Bo", *here])
    main(["cards", "--address", "10.0.0.7", "--port", "8090", *here])
    page = (tmp_path / "cards.html").read_text("utf-8")
    assert page.count("<article>") == 2 and "http://10.0.0.7:8090/v1" in page
    main(["cards", "--hub", "http://10.0.0.7:8000", *here])
    page = (tmp_path / "cards.html").read_text("utf-8")
    assert "http://10.0.0.7:8000" in page and "8090" not in page
    said = capsys.readouterr().out
    assert not any(person.key in said for person in read(file))


@pytest.mark.parametrize("port", ["0", "80800", "-1", "web"])
def test_a_port_that_is_none_is_refused(port, capsys):
    for command in [], ["cards"]:
        with pytest.raises(SystemExit):
            main([*command, "--port", port])
        assert "argument --port: " in capsys.readouterr().err


def test_a_command_that_fails_says_why_and_ends_with_an_error(file):
    for command in ["cards"], []:  # a --keys that is not there is no class without keys
        with pytest.raises(SystemExit, match="cannot be read"):
            main([*command, "--keys", str(file)])


def test_a_port_of_the_system_is_refused_before_the_model_is_loaded(file, monkeypatch):
    add(file, ["Ada"])
    monkeypatch.setattr("classroom.__main__.is_open", lambda port: False)
    denied = PermissionError(13, "Permission denied (while attempting to bind on address …)")
    monkeypatch.setattr("socket.create_server", Mock(side_effect=denied))
    for more in [], ["--servers", "http://127.0.0.1:1"]:
        with pytest.raises(SystemExit, match="(?s)Port 888 cannot.*: Permission.*--port") as error:
            main(["--keys", str(file), "--port", "888", *more])
        assert "attempting" not in str(error.value)
