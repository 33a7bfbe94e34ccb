"""One run's project, policy, lock and clock, opened from what the user gave."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from supplychain import __version__
from supplychain.access.environment import Environment
from supplychain.core.evidence import Producer
from supplychain.core.run import LeftOut, Run, tools_of
from supplychain.core.subject import SubjectKind
from supplychain.core.verdict import Verdict
from supplychain.errors import UsageError
from supplychain.fleet.fleet_file import Project, find_project, project_around
from supplychain.fleet.lock_file import read_lock
from supplychain.fleet.policy_file import load_policy
from supplychain.verify.plan import Plan, Target, plan

TOOL = Producer(name="supplychain", version=__version__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What every command about a project works with."""

    project: Project
    environment: Environment

    def plan(self, paths: Sequence[Path], kind: SubjectKind | None = None) -> Plan:
        """Find the subjects below ``paths``; see :func:`supplychain.verify.plan.plan`."""
        return plan(paths, self.project.root, kind=kind, excluded=self.project.exclusion)

    def parts(self, found: Plan) -> list[tuple[Environment, list[Target]]]:
        """Return the targets of a plan by the project they lie in, each with its environment.

        A folder below with a lock or a fleet file of its own is a project of its own: its lock and
        platforms hold there. What is allowed, what is left out, and which mirrors are asked is
        always said by the project that the command was given.

        Raises:
            ConfigError: the lock or the fleet file of such a folder cannot be read.
        """
        grouped: dict[Path, list[Target]] = defaultdict(list)
        projects: dict[Path, Project] = {}
        for target in found.targets:
            if target.folder not in projects:
                projects[target.folder] = self._around(target.folder)
            grouped[projects[target.folder].root].append(target)
        by_root = {project.root: project for project in projects.values()}
        read = replace(self.environment, compose=found.compose, builds=found.builds)
        return [(_within(read, by_root[root]), targets) for root, targets in grouped.items()]

    def own(self, found: Plan) -> tuple[Environment, list[Target]]:
        """Return the targets of a plan that lie in the session's project itself."""
        for environment, targets in self.parts(found):
            if environment.lock_path == self.environment.lock_path:
                return environment, targets
        message = f'nothing to lock in "{os.path.relpath(self.project.root)}"'
        raise UsageError(message, "name the folder of a project")

    def run(self, verdicts: Sequence[Verdict], left_out: Sequence[LeftOut] = ()) -> Run:
        """Return the run that ends now with these verdicts."""
        return Run(
            verdicts=tuple(verdicts),
            policy=self.environment.policy,
            started_at=self.environment.now,
            finished_at=datetime.now(UTC),
            tool=self.environment.tool,
            tools=tools_of(verdicts),
            left_out=tuple(left_out),
        )

    def _around(self, folder: Path) -> Project:
        project = project_around(folder)
        is_nested = project.has_file and not self.project.root.is_relative_to(project.root)
        return project if is_nested else self.project


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
        offline=offline,
    )
    reached = replace(environment, mirrors=project.fleet.registries.mirrors)
    return Session(project=project, environment=_within(reached, project))


def _within(environment: Environment, project: Project) -> Environment:
    """Return the environment with what a project says of itself."""
    return replace(
        environment,
        lock=read_lock(project.lock_path),
        lock_path=os.path.relpath(project.lock_path),
        platforms=project.platforms,
    )
