"""The same questions put to the same server by us and by others, as many at once."""

from perf_checks.service.lines import print_failure, print_line
from perf_checks.service.ours import SLOTS, evaluate
from perf_checks.service.peers.evalscope_before import EVALSCOPE
from perf_checks.service.peers.inspect_ai import INSPECT_AI
from perf_checks.service.peers.lm_eval import LM_EVAL
from perf_checks.service.peers.peer import Installed
from perf_checks.service.rig import Rig
from perf_checks.service.usage import CommandFailed
from tests.servers.running import running_stub

PEERS = (EVALSCOPE, LM_EVAL, INSPECT_AI)


def measure(rig: Rig) -> None:
    """One run of each framework, and one of ours just before it; what fails is said and left out."""
    rig.peers.mkdir(parents=True, exist_ok=True)
    for peer in PEERS:
        try:
            _compare(peer.install(rig.peers.resolve()), rig)
        except CommandFailed as error:
            print_failure(peer.package, str(error))


def _compare(installed: Installed, rig: Rig) -> None:
    folder = rig.folder / f"run_of_{installed.peer.package}"
    folder.mkdir()
    # answers in the words of the data, so that every framework finds a number in them
    server = ("--gsm8k", str(rig.gsm8k / "test.jsonl"))
    ours = evaluate(rig.work_dir, "gsm8k", rig.gsm8k, server=server)
    with running_stub(*server) as stub:
        theirs = installed.start(*installed.peer.arguments(stub.url, rig.gsm8k, folder), cwd=folder)
        stats = stub.stats()
    what = f"{installed.peer.package} {installed.version}, gsm8k, {SLOTS} at once, 0 ms"
    counted = f"{stats['ok']} of {rig.num_gsm8k} answered within {stats['span_s']:.2f} s"
    print_line(f"{what}: wall", theirs.wall_s, "s", beside=f"ours {ours.usage.wall_s:.2f} s; {counted}")
    print_line(f"{what}: CPU", theirs.cpu_s, "s", beside=f"ours {ours.usage.cpu_s:.2f} s")
