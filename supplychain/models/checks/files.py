"""Checks on the files of a model: what they are, whatever they are called (MDL)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.evidence import MalformedModel, ModelFile, ModelSnapshot
from supplychain.models.sniff import CODE_KINDS, FileKind

_SAFE_WEIGHTS = "use the safetensors or GGUF files of the same model"

# Kinds that hold weights or more, and that nothing here can look into.
_UNINSPECTED = {
    FileKind.ZIP: "a ZIP archive",
    FileKind.ARCHIVE: "an archive or a compressed file",
    FileKind.HDF5: "an HDF5 file, which in Keras can carry code (Lambda layers)",
    FileKind.ONNX: "an ONNX model, which can name files outside its folder",
    FileKind.TFLITE: "a TensorFlow Lite model",
    FileKind.GGML: "a model in a format older than GGUF, which nothing maintained reads",
    FileKind.UNKNOWN: "a binary file of no known format",
}
# What a name promises, and the kinds that another reader reports on when the promise is broken.
_PROMISED = {".gguf": FileKind.GGUF, ".safetensors": FileKind.SAFETENSORS}
_REPORTED_ELSEWHERE = frozenset(
    {FileKind.EMPTY, FileKind.TEXT, FileKind.JSON, FileKind.PICKLE, *CODE_KINDS, *_UNINSPECTED}
)
_NEVER_THE_FILE = {
    FileKind.LFS_POINTER: "a Git LFS pointer, not the file that it stands for",
    FileKind.HTML: "an HTML page, not the file",
}
# Kinds that no weights have; files of all others are, or are refused as, a part of a model.
_WITHOUT_WEIGHTS = frozenset({FileKind.EMPTY, FileKind.TEXT, FileKind.JSON, FileKind.MEDIA})
_TOKENIZERS = ("tokenizer", "vocab", "merges")
_HTML_SUFFIXES = frozenset({".html", ".htm", ".md"})


@check("MDL001", "model-malformed", on=MalformedModel, severity=Severity.HIGH)
def model_malformed(file: MalformedModel) -> Iterator[Hit]:
    """A file of a model is not what its format allows.

    ## What it does
    Reports GGUF, safetensors and index files that cannot be read to their end: a wrong magic or
    version, a string or an array that claims more bytes than the file has, nested arrays, more
    dimensions than four, a header that is not JSON, a count beyond our limits.

    ## Why it matters
    What cannot be read cannot be judged, and every such claim has been an exploit: CVE-2024-21825
    and CVE-2024-23496 (lengths that wrap in `gguf_fread_str`), CVE-2024-21836 and CVE-2024-23605
    (counts), CVE-2024-39720 (a file of four bytes ends Ollama). HIGH, because the least bad of
    these ends the process that serves the model.

    ## Example
    A GGUF file whose `kv[3].value` is an array of 2^61 strings in a file of 200 bytes.

    ## How to fix
    Fetch the file again from where it was published; if it is the same, do not use it.
    """
    yield Hit(
        message=f"'{printable(file.at.path or file.subject.ref)}' {file.reason}",
        location=file.at,
        hint="fetch the file again, and do not use it if it is the same",
        key=f"{file.at.at or ''} {file.reason}".strip(),
    )


@check("MDL002", "model-pickle", on=ModelFile, severity=Severity.HIGH)
def model_pickle(file: ModelFile) -> Iterator[Hit]:
    """A file of a model is a pickle.

    ## What it does
    Reports pickles of every protocol by their first bytes, archives of `torch.save` old and new,
    numpy arrays of objects, and files that nothing recognises under a name that `torch.load` or
    `joblib.load` is given (`.bin`, `.pt`, `.pth`, `.ckpt`, `.pkl`, `.joblib`).

    ## Why it matters
    A pickle is a program: loading it calls whatever function it names. `weights_only=True` is a
    setting of the client, and CVE-2025-32434 went around it. HIGH and not CRITICAL, because the
    file may hold weights alone; nothing here runs it to find out.

    ## Example
    `pytorch_model.bin` beside, or in place of, `model.safetensors`.

    ## How to fix
    Use the safetensors or GGUF files of the same model, or convert it on an isolated host.
    """
    if file.kind is FileKind.PICKLE:
        yield _hit(file, "is a pickle, which runs code when it is loaded", _SAFE_WEIGHTS)


@check("MDL003", "model-code", on=ModelFile, severity=Severity.HIGH)
def model_code(file: ModelFile) -> Iterator[Hit]:
    """A file of a model is code.

    ## What it does
    Reports Python files and bytecode, scripts by their `#!` line or name, and executables and
    libraries of Linux, Windows, macOS, Java and WebAssembly by their first bytes or name.

    ## Why it matters
    Weights need none. `trust_remote_code=True` imports the Python files of a snapshot, `auto_map`
    in its configuration names them, and a library in a folder on a search path is loaded without
    being asked for. HIGH, because code that came with a model runs as whoever serves it.

    ## Example
    `modeling_custom.py` in a snapshot, or an ELF file called `tokenizer.model`.

    ## How to fix
    Choose a model that the serving engine knows without code of its own, or pull only its weights
    and configuration.
    """
    if file.kind in CODE_KINDS:
        what = "an executable or a library" if file.kind is FileKind.EXECUTABLE else "a program"
        yield _hit(file, f"is {what}", "pull only the weights and configuration of the model")


@check("MDL004", "model-content-mismatch", on=ModelFile, severity=Severity.HIGH)
def model_content_mismatch(file: ModelFile) -> Iterator[Hit]:
    """A file of a model is something else than its name says.

    ## What it does
    Compares what the first bytes are with what the name promises: `.gguf` and `.safetensors`
    against each other and everything else, Git LFS pointers and HTML pages under any name.

    ## Why it matters
    Programs choose a loader by the name and scanners choose a reader by it, so a file under a wrong
    name is read by one and missed by the other. A pointer or an error page is a download that went
    wrong. HIGH, because the bytes are not the model that somebody asked for.

    ## Example
    `model-Q4_K_M.gguf` that starts with `version https://git-lfs.github.com/spec/v1`.

    ## How to fix
    Fetch the file itself (`git lfs pull`, or the hub's `resolve` address), or give it its own name.
    """
    suffix = PurePosixPath(file.name.lower()).suffix
    promised = _PROMISED.get(suffix)
    never = _NEVER_THE_FILE.get(file.kind)
    if never and (file.kind is FileKind.LFS_POINTER or suffix not in _HTML_SUFFIXES):
        yield _hit(file, f"is {never}", "fetch the file itself")
    elif promised and file.kind is not promised and file.kind not in _REPORTED_ELSEWHERE:
        yield _hit(file, f"holds {file.kind.value}, not {promised.value}", "give it its own name")
    elif suffix and file.kind in _PROMISED.values() and promised is not file.kind:
        hint = f"call it '.{file.kind.value}', so that nothing unpickles it"
        yield _hit(file, f"holds {file.kind.value}, whatever its name says", hint)


@check("MDL005", "model-uninspected", on=ModelFile, severity=Severity.HIGH)
def model_uninspected(file: ModelFile) -> Iterator[Hit]:
    """A file of a model has a format that cannot be inspected.

    ## What it does
    Reports archives, HDF5, ONNX, TensorFlow Lite, formats before GGUF, and binary files that
    nothing recognises.

    ## Why it matters
    The gate says what may be here; of these files it cannot say anything. Several can carry code:
    Lambda layers in Keras files (CVE-2024-3660), paths out of the folder in ONNX (CVE-2022-25882,
    CVE-2024-27318), pickles in archives. HIGH, because an unread file is not a clean one.

    ## Example
    `tf_model.h5` or `model.onnx` in a snapshot.

    ## How to fix
    Use the safetensors or GGUF files of the same model and leave this one out.
    """
    what = _UNINSPECTED.get(file.kind)
    named = PurePosixPath(file.name.lower()).suffix in _PROMISED
    if what and not (named and file.kind is FileKind.UNKNOWN):
        yield _hit(file, f"is {what}", f"{_SAFE_WEIGHTS} and leave this one out")


@check("MDL006", "model-opens-as-zip", on=ModelFile, severity=Severity.HIGH)
def model_opens_as_zip(file: ModelFile) -> Iterator[Hit]:
    """A file of a model opens as a ZIP archive too.

    ## What it does
    Looks for a ZIP archive's end-of-directory record in the last 68 KiB of files that start as
    something else: one that ends where the file ends, or that names a place with a directory.

    ## Why it matters
    Archive readers look at the end of a file and ignore what comes first. Such a file is weights to
    a scanner and an archive of pickles to `torch.load`, or a program to `python FILE`. HIGH,
    because no tool writes such a file by accident.

    ## Example
    A valid `model.gguf` with a ZIP archive in its last tensor.

    ## How to fix
    Do not use the file; report it where it was published.
    """
    reported = {FileKind.ZIP, FileKind.ARCHIVE, FileKind.PICKLE, *CODE_KINDS}
    if file.opens_as_zip and file.kind not in reported:
        what = f"holds {file.kind.value} and opens as a ZIP archive as well"
        yield _hit(file, what, "do not use the file; report it where it was published")


@check("MDL007", "model-remote-code", on=ModelFile, severity=Severity.HIGH)
def model_remote_code(file: ModelFile) -> Iterator[Hit]:
    """A configuration of a model names code to import.

    ## What it does
    Looks for `auto_map` and `custom_pipelines` with a value, at any depth, in every file whose name
    ends in `config.json`.

    ## Why it matters
    With `trust_remote_code=True` transformers imports what `auto_map` names, also from another
    repository (`owner/model--module.Class`), at whatever commit that is by then: code that nothing
    here has seen. HIGH, because it runs as whoever serves the model.

    ## Example
    `"auto_map": {"AutoModel": "owner/other--modeling_custom.CustomModel"}` in `config.json`.

    ## How to fix
    Choose a model that the serving engine knows without code of its own, or take the key out.
    """
    for key in file.remote_code:
        yield Hit(
            message=f"'{printable(file.path)}' names code to import, by '{key}'",
            location=Location(path=file.path, at=key),
            hint="choose a model that needs no code of its own, or take the key out",
            key=key,
        )


@check("MDL008", "model-without-weights", on=ModelSnapshot, severity=Severity.HIGH)
def model_without_weights(snapshot: ModelSnapshot) -> Iterator[Hit]:
    """A model holds no weights.

    ## What it does
    Reports models of which no file could hold weights or a tokenizer: only texts, configurations,
    pictures and empty files, or nothing at all.

    ## Why it matters
    Of weights that are not there nothing was judged, and clients fetch them from the network when
    they are asked for. HIGH, because a pass would speak of a model that nobody has seen.

    ## Example
    A folder with `README.md` and `config.json`, cloned without its large files.

    ## How to fix
    Fetch the weights, and judge them with the rest.
    """
    said_by_others = any(index.index.files for index in snapshot.indexes)
    if not said_by_others and not any(_may_hold_weights(file) for file in snapshot.files):
        path = snapshot.subject.path or snapshot.subject.ref
        yield Hit(
            message=f"'{printable(path)}' holds no weights, and no tokenizer",
            location=Location(path=path),
            hint="fetch the weights of the model, and judge them with the rest",
            key="weights",
        )


def _may_hold_weights(file: ModelFile) -> bool:
    name = PurePosixPath(file.name.lower())
    if file.kind not in _WITHOUT_WEIGHTS or name.suffix in _PROMISED:
        return True
    return file.kind is not FileKind.EMPTY and name.name.startswith(_TOKENIZERS)


def _hit(file: ModelFile, what: str, hint: str) -> Hit:
    return Hit(
        message=f"'{printable(file.path)}' {what}",
        location=Location(path=file.path),
        hint=hint,
        key=file.kind.value,
        properties={"kind": file.kind.value},
    )
