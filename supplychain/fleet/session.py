"""One run's project, policy, lock and clock, opened from what the user gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from supplychain import __version__
from supplychain.access.environment import Environment
from supplychain.core.evidence import Producer
from supplychain.core.run import LeftOut, Run
from supplychain.core.subject import SubjectKind
from supplychain.core.verdict import Verdict
from supplychain.fleet.fleet_file import Project, find_project
from supplychain.fleet.lock_file import LOCK_NAME, read_lock
from supplychain.fleet.policy_file import load_policy
from supplychain.verify.plan import Plan, plan

TOOL = Producer(name="supplychain", version=__version__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every command about a project works with."""

    project: Project
    environment: Environment

    def plan(self, paths: Sequence[Path], kind: SubjectKind | None = None) -> Plan:
        """Find the subjects below ``paths``; see :func:`supplychain.verify.plan.plan`."""
        return plan(paths, self.project.root, kind=kind, excluded=self.project.exclusion)

    def run(self, verdicts: Sequence[Verdict], left_out: Sequence[LeftOut] = ()) -> Run:
        """Return the run that ends now with these verdicts."""
        return Run(
            verdicts=tuple(verdicts),
            policy=self.environment.policy,
            started_at=self.environment.now,
            finished_at=datetime.now(UTC),
            tool=self.environment.tool,
            left_out=tuple(left_out),
        )


def open_session(
    paths: Sequence[Path],
    *,
    policy: str | None = None,
    config: Path | None = None,
    offline: bool = False,
) -> Session:
    """Open the project that ``paths`` belong to.

    Raises:
        UsageError: a path or the policy does not exist.
        ConfigError: a file that people write cannot be read or says something it may not.
    """
    project = find_project(paths, config)
    environment = Environment(
        now=datetime.now(UTC).replace(microsecond=0),
        tool=TOOL,
        policy=load_policy(project.policy_name(policy), project.waivers_path),
        lock=read_lock(project.lock_path),
        lock_path=LOCK_NAME,
        platforms=project.platforms,
        mirrors=project.fleet.registries.mirrors,
        offline=offline,
    )
    return Session(project=project, environment=environment)
