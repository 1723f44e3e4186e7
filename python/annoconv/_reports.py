"""What the functions of this package give back: the members of the command's reports."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Tuple

if TYPE_CHECKING:
    from annoconv._annoconv import Judged
    from annoconv._types import FailOn


@dataclass(frozen=True)
class Loss:
    """What was lost for one reason.

    Attributes:
        reason: The code of the reason, as in the report of the command.
        count: How many losses there are.
        dropped: Whether the annotations are not in the target; else they are, in another form.
        examples: The first few, as ``image#annotation``.
        members: The names of the members that were lost, where the losses are of members.
    """

    reason: str
    count: int
    dropped: bool
    examples: Tuple[str, ...] = ()
    members: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A file that is not what a conversion with ``check`` would write.

    Attributes:
        file: The file.
        kind: ``changed``, ``missing`` or ``stale``.
        line: The line of the first difference, from 1.
        column: The column of the first difference, from 1.
        expected: The text that would be written there.
        found: The text that is there.
    """

    file: str
    kind: str
    line: Optional[int] = None
    column: Optional[int] = None
    expected: Optional[str] = None
    found: Optional[str] = None


@dataclass(frozen=True)
class Report:
    """What a conversion did: the members of ``annoconv convert --report json``.

    ``str(report)`` is the report for people.

    Attributes:
        is_yes: Whether all is as it was asked for: ``check`` found no difference, and nothing was lost
            with ``strict``. The command's exit status is 0 then, else 1.
        command: The name of the command.
        from_format: The format of the inputs; several have commas between them.
        to: The format that was written.
        input: The first input.
        output: The output.
        images: How many images were written.
        annotations_read: How many annotations the inputs have.
        annotations_written: How many of them are in the target.
        files_written: How many files were written, or would be.
        images_placed: How many of these are image files.
        files_removed: How many files were removed by ``prune``.
        removed_examples: The first few of them.
        losses: What was lost, a row a reason.
        negatives_added: How many images without annotations were added from the image files.
        images_left: How many image files were not added, as they are of no subset.
        split: What a split has given, else ``None``.
        classes: The numbers of the classes in the target, as text, and their names.
        passed_over: Files beside the annotations that were not read.
        hints: What a person should look at.
        differences: What ``check`` found.
        elapsed_seconds: How long it took.
    """

    is_yes: bool
    command: str
    from_format: str
    to: str
    input: str
    output: str
    images: int
    annotations_read: int
    annotations_written: int
    files_written: int
    images_placed: int
    files_removed: int
    removed_examples: Tuple[str, ...]
    losses: Tuple[Loss, ...]
    negatives_added: int
    images_left: int
    split: Optional[Mapping[str, Any]]
    classes: Mapping[str, str]
    passed_over: Tuple[str, ...]
    hints: Tuple[str, ...]
    differences: Tuple[Difference, ...]
    elapsed_seconds: float
    _json: str = field(repr=False)
    _text: str = field(repr=False)

    @classmethod
    def _of(cls, told: str, text: str, is_yes: bool) -> Report:
        members = json.loads(told)
        losses = [_tuples(row) for row in members["losses"]]
        return cls(
            is_yes=is_yes,
            from_format=members["from"],
            removed_examples=tuple(members["removed_examples"]),
            losses=tuple(Loss(**row) for row in losses),
            negatives_added=members["negatives_added"]["count"],
            classes={row["number"]: row["name"] for row in members["classes"]},
            passed_over=tuple(members["passed_over"]),
            hints=tuple(members["hints"]),
            differences=tuple(Difference(**row) for row in members.get("differences", ())),
            _json=told,
            _text=text,
            **{name: members[name] for name in _SAME},
        )

    def to_dict(self) -> Dict[str, Any]:
        """The report as ``--report json`` prints it."""
        members: Dict[str, Any] = json.loads(self._json)
        return members

    def __str__(self) -> str:
        return self._text


# The members of a report that are taken over as they are.
_SAME = (
    "command",
    "to",
    "input",
    "output",
    "images",
    "annotations_read",
    "annotations_written",
    "files_written",
    "images_placed",
    "files_removed",
    "images_left",
    "split",
    "elapsed_seconds",
)


def _tuples(row: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: tuple(it) if isinstance(it, list) else it for name, it in row.items()}


@dataclass(frozen=True)
class Input:
    """A file or folder that was judged, with its counts."""

    format: str
    path: str
    images: int
    annotations: int


@dataclass(frozen=True)
class Agreement:
    """How one format of a dataset follows from another.

    Attributes:
        from_format: The format that the other was made from.
        from_path: Its path.
        to: The format that was made.
        to_path: Its path.
        rule: The rule by which it was made, in words.
        images: How many images both have.
        objects: How many objects were compared.
        agree: How many of them keep the rule.
        disagree: How many do not.
    """

    from_format: str
    from_path: str
    to: str
    to_path: str
    rule: str
    images: int
    objects: int
    agree: int
    disagree: int


@dataclass(frozen=True)
class Place:
    """One of the places of a finding.

    Attributes:
        message: What is wrong here.
        file: The file.
        line: The line, from 1, if it is known.
        column: The column in characters, from 1, if it is known.
        pointer: The JSON pointer, if the file is JSON.
        image: The name of the image.
        annotation: The id of the annotation, or its number in the image, from 0.
    """

    message: str
    file: str
    line: Optional[int] = None
    column: Optional[int] = None
    pointer: Optional[str] = None
    image: Optional[str] = None
    annotation: Optional[str] = None


@dataclass(frozen=True)
class Finding(Place):
    """A rule that a dataset breaks, and where it does.

    Attributes:
        rule: The code of the rule: `explain` has more about it.
        severity: ``error``, ``warning`` or ``info``.
        places: All places, where one cause breaks the rule in several.
    """

    rule: str = ""
    severity: str = ""
    places: Tuple[Place, ...] = ()

    @classmethod
    def _of(cls, row: Dict[str, Any]) -> Finding:
        places = tuple(Place(**place) for place in row.pop("places", ()))
        return cls(rule=row.pop("code"), places=places, **row)


@dataclass(frozen=True)
class Validation:
    """What is wrong with a dataset: the members of ``annoconv validate --format json``.

    ``str(validation)`` is the report for people.

    Attributes:
        inputs: The files and folders that were read.
        agreement: The formats that were made from others.
        passed_over: Files that might hold annotations, but in no known form.
        trainer: What a trainer will see of the dataset, where one was named.
        findings: All findings, by rule and place.
    """

    inputs: Tuple[Input, ...]
    agreement: Tuple[Agreement, ...]
    passed_over: Tuple[str, ...]
    trainer: Optional[Mapping[str, Any]]
    findings: Tuple[Finding, ...]
    _judged: Judged = field(repr=False, compare=False)

    @classmethod
    def _of(cls, judged: Judged) -> Validation:
        members = json.loads(judged.json())
        for row in members["agreement"]:
            row["from_format"] = row.pop("from")
        return cls(
            inputs=tuple(Input(**row) for row in members["inputs"]),
            agreement=tuple(Agreement(**row) for row in members["agreement"]),
            passed_over=tuple(members["passed_over"]),
            trainer=members.get("trainer"),
            findings=tuple(Finding._of(row) for row in members["findings"]),
            _judged=judged,
        )

    def is_ok(self, fail_on: FailOn = "error") -> bool:
        """Whether there is no finding of a severity.

        Args:
            fail_on: The least severity that counts: ``error``, ``warning`` or ``never``.
        """
        return self._judged.is_ok(fail_on)

    def to_dict(self) -> Dict[str, Any]:
        """The report as ``--format json`` prints it."""
        members: Dict[str, Any] = json.loads(self._judged.json())
        return members

    def text(self, max_findings: int = 20) -> str:
        """The report for people, with so many findings of each rule."""
        return self._judged.text(max_findings)

    def sarif(self) -> str:
        """The report for code scanning, as ``--format sarif`` prints it."""
        return self._judged.sarif()

    def github(self, max_findings: int = 20) -> str:
        """The report for a run of GitHub Actions, as ``--format github`` prints it."""
        return self._judged.github(max_findings)

    def junit(self, fail_on: FailOn = "error") -> str:
        """The report as JUnit XML, as ``--format junit`` prints it."""
        return self._judged.junit(fail_on)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Mended:
    """A rule whose breaches were mended: its code, in how many places, and how."""

    rule: str
    count: int
    how: str


@dataclass(frozen=True)
class Left:
    """A rule whose breaches are left: its code, in how many places, why, and its severity."""

    rule: str
    count: int
    why: str
    severity: str


@dataclass(frozen=True)
class Fix:
    """What was mended, and what is left.

    ``str(fix)`` is the report for people; with ``diff`` it is the diff.

    Attributes:
        is_yes: Whether no error is left and, with ``diff``, nothing would change. The command's exit
            status is 0 then, else 1.
        mended: The rules whose breaches were mended, or would be.
        left: The rules whose breaches need a person.
        files_written: How many files were written.
        diff: What would change, as a unified diff; ``None`` where it was not asked for.
    """

    is_yes: bool
    mended: Tuple[Mended, ...]
    left: Tuple[Left, ...]
    files_written: int
    diff: Optional[str]
    _text: str = field(repr=False)

    @classmethod
    def _of(cls, told: Mapping[str, Any]) -> Fix:
        return cls(
            is_yes=told["is_yes"],
            mended=tuple(Mended(rule, count, how) for rule, count, how, _ in told["mended"]),
            left=tuple(Left(*row) for row in told["left"]),
            files_written=told["files_written"],
            diff=told["diff"],
            _text=told["text"],
        )

    def __str__(self) -> str:
        return self._text


@dataclass(frozen=True)
class Setting:
    """A setting of a format, which is a keyword of the functions.

    Attributes:
        name: Its name.
        side: ``reading``, ``writing`` or ``reading and writing``. Where a call does both, ``read_`` or
            ``write_`` before the name tells them apart.
        values: What it can be, in words.
        choices: The words that it can be, where it is one of a few.
        default: What it is where nobody sets it.
        help: One line about it.
    """

    name: str
    side: str
    values: str
    choices: Tuple[str, ...]
    default: str
    help: str


@dataclass(frozen=True)
class Format:
    """A format that can be read and written.

    Attributes:
        name: Its name.
        aliases: Other names of it.
        about: One line about it.
        holds: What it holds.
        settings: Its settings.
    """

    name: str
    aliases: Tuple[str, ...]
    about: str
    holds: str
    settings: Tuple[Setting, ...]

    @classmethod
    def _of(cls, told: Mapping[str, Any]) -> Format:
        settings = tuple(Setting(**_tuples(setting)) for setting in told["settings"])
        return cls(**{**_tuples(told), "settings": settings})
