"""The one writer: complete or not there, and only where a file belongs."""

import os
import re
import resource
import stat
import threading
from pathlib import Path

import numpy as np
import pytest

from specwidget import STFTSpectrogram, files
from specwidget.cli import main
from specwidget.export import save_settings
from specwidget.files import atomic_write, check_writable, write_new
from specwidget.training import save_kernels

PACKAGE = Path(files.__file__).parent


def save(path, content=b"new"):
    with atomic_write(path) as file:
        file.write(content)


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def full_disk():
    """Let no file grow beyond 1 KiB, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_other_module_opens_a_file_for_writing():
    writes = re.compile(r"""open\([^)]*["'][wxa]b?["']|write_text|write_bytes|(savefig|savez|save)\(path""")
    found = [path.name for path in PACKAGE.rglob("*.py") if writes.search(path.read_text(encoding="utf-8"))]
    assert found == ["files.py"]


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "old.npz"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match=r"^`path` must be a writable file; got '.+old\.npz' \(File too large\)\.$"):
        save(path, bytes(2000))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("write", [save_kernels, lambda layer, path: save_settings(layer, path)])
def test_a_full_disk_leaves_old_kernels_and_settings(write, tmp_path):
    path = tmp_path / "old"
    path.write_bytes(b"old")
    layer = STFTSpectrogram(frame_length=64, window=np.linspace(0.1, 1, 64))
    with pytest.raises(OSError, match="must be a writable file"):
        write(layer, path)
    assert path.read_bytes() == b"old"


@pytest.mark.slow
@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_the_old_picture(tmp_path, capsys):
    path = tmp_path / "old.png"
    path.write_bytes(b"old")
    assert main(["show", str(PACKAGE / "sounds" / "recordings" / "misc_crow.flac"), "-o", str(path)]) == 2
    assert "`--output` must be a writable file; got" in capsys.readouterr().err
    assert path.read_bytes() == b"old"


@pytest.mark.usefixtures("full_disk")
def test_a_new_file_on_a_full_disk_is_not_left_in_part(tmp_path):
    with pytest.raises(OSError, match="File too large"):
        write_new(tmp_path / "new", bytes(2000))
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to("target")
    (tmp_path / "dangling").symlink_to("new")
    save(tmp_path / "link")
    save(tmp_path / "dangling")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert [(tmp_path / name).read_bytes() for name in ("target", "new")] == [b"new", b"new"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_a_replaced_file_keeps_its_permissions(mode, tmp_path):
    path = tmp_path / "mine"
    path.touch()
    path.chmod(mode)
    with atomic_write(path) as file:
        file.write(b"new")
        assert mode_of(Path(file.name)) == 0o600
    assert mode_of(path) == mode


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "other").touch()
    save(tmp_path / "mine")
    assert mode_of(tmp_path / "mine") == mode_of(tmp_path / "other")


def test_a_read_only_file_is_refused_before_anything_is_written(tmp_path):
    path = tmp_path / "mine"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(PermissionError, match=r"^`path` must be a writable file; got '.+mine' \(it is read-only\)\.$"):
        save(path)
    assert path.read_bytes() == b"old"


def test_a_folder_and_a_missing_folder_are_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"\(Is a directory\)\.$"):
        check_writable(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"got '.+x' \(No such file or directory\)\.$"):
        save(tmp_path / "missing" / "x")


def test_a_name_of_255_bytes_is_written(tmp_path):
    path = tmp_path / ("x" * 255)
    save(path)
    save(path, b"newer")
    assert path.read_bytes() == b"newer"


def test_a_pipe_stays_and_gets_all_at_once(tmp_path):
    path, received = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: received.append(path.read_bytes()), daemon=True)
    reader.start()
    with atomic_write(path) as file:
        np.savez(file, values=np.zeros(100_000))
    reader.join(10)
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert len(received[0]) > 800_000


def test_a_device_stays(tmp_path):
    (tmp_path / "null").symlink_to("/dev/null")
    save(tmp_path / "null")
    assert stat.S_ISCHR((tmp_path / "null").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_an_error_that_is_about_another_file_keeps_its_own_words(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^\[Errno 2\] .+'/no/such/font'$"), atomic_write(tmp_path / "x"):
        Path("/no/such/font").read_bytes()
    assert list(tmp_path.iterdir()) == []
