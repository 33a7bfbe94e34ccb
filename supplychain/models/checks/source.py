"""Checks on where a model comes from and on what the mirror keeps of it (MDL)."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from supplychain.core.check import check
from supplychain.core.finding import Hit, Location, Severity
from supplychain.formats.text import printable
from supplychain.models.hits import capped
from supplychain.models.source import (
    LockedModelCheck,
    MissingModel,
    ModelRules,
    ModelSource,
    RefusedModel,
    StoredBlob,
)

# Formats of weights that a policy may choose between; all others are refused by what they are.
_WEIGHTS = {".gguf": "gguf", ".safetensors": "safetensors"}
# What the hub's scanners say of a file, and how bad we hold it to be.
_LEVELS = {"unsafe": Severity.HIGH, "suspicious": Severity.MEDIUM, "caution": Severity.LOW}


@check("MDL501", "model-answer-refused", on=RefusedModel, severity=Severity.HIGH)
def model_answer_refused(answer: RefusedModel) -> Iterator[Hit]:
    """A hub's answer is one that only a broken or hostile hub gives.

    ## What it does
    Reports bytes whose hash, size or commit differs from what the hub itself promised, names that
    lead out of a folder or clash, redirects to where no hub must send us, and lists without end.

    ## Why it matters
    Clients do not compare: `hf download` keeps flipped bytes under the name of the right hash, and
    `ollama pull` writes paths taken from the answer. HIGH, because somebody between the publisher
    and us, or the publisher, sends something else than it says.

    ## Example
    `model.safetensors` listed with one sha256 and sent with one byte flipped.

    ## How to fix
    Try from another network. If it stays, do not use the model, and tell who runs the hub.
    """
    yield Hit(
        message=printable(answer.reason, 500),
        location=answer.location,
        hint="try from another network, and do not use the model if it stays",
        key=answer.reason,
    )


@check("MDL502", "model-not-found", on=MissingModel, severity=Severity.HIGH)
def model_not_found(answer: MissingModel) -> Iterator[Hit]:
    """A model, its revision or a file of it does not exist.

    ## What it does
    Reports what the hub itself says does not exist, and patterns that no file matches.

    ## Why it matters
    A name that nobody owns can be taken by anybody, and a model that was taken down was often
    taken down for a reason. HIGH, because there is nothing to judge.

    ## Example
    `hf.co/example/modle`, a revision whose branch was deleted.

    ## How to fix
    Correct the name, the revision or the file, or choose another model.
    """
    yield Hit(
        message=printable(answer.reason, 500),
        location=answer.location,
        hint="correct the name, the revision or the file",
        key=answer.reason,
    )


@check("MDL503", "model-publisher", on=ModelSource, needs=(ModelRules,), severity=Severity.HIGH)
def model_publisher(source: ModelSource, rules: ModelRules) -> Iterator[Hit]:
    """A model's publisher is not on the policy's allow list.

    ## What it does
    Compares the account that a model is published under with `models.publishers` of the policy;
    an empty list allows all.

    ## Why it matters
    Anybody can publish a copy of a known model under a similar name. HIGH, because the list says
    whom the fleet trusts.

    ## Example
    `publishers = ["google", "Qwen"]` and `hf.co/g00gle/gemma-3`.

    ## How to fix
    Use the model of a publisher on the list, or add this one after looking at who it is.
    """
    if rules.publishers and not _is_listed(source.publisher, rules.publishers):
        name = printable(source.publisher, 100) or "nobody in particular"
        message = f"'{source.repository}' is published by '{name}', who is not on the allow list"
        yield _hit(source, message, "add the publisher to models.publishers", "publisher")


@check("MDL504", "model-licence", on=ModelSource, needs=(ModelRules,), severity=Severity.HIGH)
def model_licence(source: ModelSource, rules: ModelRules) -> Iterator[Hit]:
    """A model's licence is not on the policy's allow list.

    ## What it does
    Compares the licences that a model's card names with `models.licences` of the policy; an empty
    list allows all. Each one named must be on the list, and there must be one.

    ## Why it matters
    Many model licences forbid uses, limit users or ask for notices. HIGH, because the list says
    what the fleet may run.

    ## Example
    `licences = ["apache-2.0", "mit"]` and a model under `cc-by-nc-4.0`.

    ## How to fix
    Choose a model under a licence on the list, or add this one after reading it.
    """
    others = [one for one in source.licences if not _is_listed(one, rules.licences)]
    if rules.licences and (others or not source.licences):
        told = ", ".join(f"'{printable(one, 60)}'" for one in others) or "no licence"
        message = f"'{source.repository}' names {told}, which is not on the allow list"
        yield _hit(source, message, "add the licence to models.licences", "licence")


@check("MDL505", "model-format", on=ModelSource, needs=(ModelRules,), severity=Severity.HIGH)
def model_format(source: ModelSource, rules: ModelRules) -> Iterator[Hit]:
    """A file of a model is of a format that the policy does not allow.

    ## What it does
    Tells the format of weights by the names of their files and compares it with `models.formats`
    of the policy; an empty list allows GGUF and safetensors. What else there is (pickles, ONNX,
    HDF5) has checks of its own.

    ## Why it matters
    What a fleet does not serve it need not store. HIGH, because the list says what may come.

    ## Example
    `formats = ["gguf"]` and a repository with `model.safetensors` in it.

    ## How to fix
    Name the files to pull, as in `hf.co/OWNER/REPO:*.safetensors`, or add the format.
    """
    for file in source.files:
        kind = _WEIGHTS.get(PurePosixPath(file.name.lower()).suffix)
        if rules.formats and kind is not None and kind not in rules.formats:
            message = f"'{printable(file.name)}' is of the format {kind}, which is not allowed"
            hint = "name only files of the formats wanted, such as ':*.safetensors'"
            yield Hit(
                message=message,
                location=Location(path=file.name),
                hint=hint,
                key=kind,
                properties={"format": kind},
            )


@check("MDL506", "model-size", on=ModelSource, needs=(ModelRules,), severity=Severity.HIGH)
def model_size(source: ModelSource, rules: ModelRules) -> Iterator[Hit]:
    """A model is larger than the policy allows.

    ## What it does
    Adds up the wanted files and compares bytes and number with `models.max_size` and
    `models.max_files` of the policy.

    ## Why it matters
    A store that is full stops every other model, and a snapshot of ten thousand files is a load
    on every program that lists it. HIGH, because the limit says what the hosts can hold.

    ## Example
    A repository with every quantisation of a model, 400 GB, where one was meant.

    ## How to fix
    Name the files to pull, as in `hf.co/OWNER/REPO:Q4_K_M`, or raise the limit.
    """
    hint = "name only the files that are needed, or raise the limit"
    if rules.max_size is not None and source.size > rules.max_size:
        message = f"'{source.repository}' has {source.size} bytes, more than {rules.max_size}"
        yield _hit(source, message, hint, "size")
    if rules.max_files is not None and len(source.files) > rules.max_files:
        count = len(source.files)
        message = f"'{source.repository}' has {count} files, more than {rules.max_files}"
        yield _hit(source, message, hint, "files")


@check("MDL507", "model-hub-scan", on=ModelSource, severity=Severity.HIGH)
def model_hub_scan(source: ModelSource) -> Iterator[Hit]:
    """The hub's own scanners complain of a file.

    ## What it does
    Reports what the hub's virus and pickle scanners say of the wanted files: `unsafe` is HIGH,
    `suspicious` MEDIUM, anything else LOW; LOW as well where they are not done.

    ## Why it matters
    The scanners see things that we do not, known malware for one. A clean result proves nothing,
    so none counts in a model's favour.

    ## Example
    `model.bin` with `unsafe` by the hub's pickle scan.

    ## How to fix
    Read the scan on the model's page and choose another model or other files.
    """
    wanted = {file.name for file in source.files}
    yield from capped(
        Hit(
            message=f"the hub's scanners call '{printable(name)}' {printable(level, 30)}",
            location=Location(path=name),
            hint="read the scan on the model's page, and leave the file out",
            key=level,
            severity=_LEVELS.get(level.lower(), Severity.LOW),
            properties={"level": printable(level, 30)},
        )
        for name, level in source.issues
        if name in wanted
    )
    if source.scanned is False:
        message = f"the hub's scanners are not done with '{source.repository}'"
        hint = "pull again in an hour to see what they say"
        yield _hit(source, message, hint, "unscanned", Severity.LOW)


@check("MDL508", "model-differs-from-lock", on=LockedModelCheck, severity=Severity.HIGH)
def model_differs_from_lock(model: LockedModelCheck) -> Iterator[Hit]:
    """A model is not the one that is locked.

    ## What it does
    Compares the digest over the sorted list of a model's files (path, size, sha256) with that of
    the lock.

    ## Why it matters
    The lock says what was looked at. HIGH, because the same name now stands for other bytes.

    ## Example
    A commit whose large file was replaced in the hub's storage.

    ## How to fix
    Find out what changed, then remove the entry from the lock and lock it again.
    """
    if model.locked != model.found:
        yield Hit(
            message=f"its files have the digest {model.found}, and {model.locked} is locked",
            location=model.location,
            hint="find out what changed before you lock it again",
            key="digest",
            properties={"locked": str(model.locked), "found": str(model.found)},
        )


@check("MDL509", "model-blob-damaged", on=StoredBlob, severity=Severity.HIGH)
def model_blob_damaged(blob: StoredBlob) -> Iterator[Hit]:
    """A file of the store is damaged or missing.

    ## What it does
    Hashes every file of the store, compares it with its name, and looks for every file that an
    admitted model lists.

    ## Why it matters
    Clients trust what a mirror serves. Disks lose bits, and people edit files. HIGH, because the
    bytes are no longer those that were judged.

    ## Example
    One flipped byte in `blobs/sha256/ab/ab12…`.

    ## How to fix
    Remove the file and pull the model again; look at the disk.
    """
    yield Hit(
        message=printable(blob.problem, 500),
        location=blob.location,
        hint="remove the file and pull the model again",
        key=blob.location.at or blob.problem,
    )


def _is_listed(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _hit(
    source: ModelSource, message: str, hint: str, key: str, severity: Severity | None = None
) -> Hit:
    return Hit(
        message=message,
        location=Location(at=source.subject.ref),
        hint=hint,
        key=key,
        severity=severity,
    )
