"""Private set intersection by the strongest Python packages, on the sets that Saring screens.

Two parties on this machine, a list and applicants, by SecretFlow `spu` (unbalanced ECDH PSI, and
RR22 for one balanced shot) and OpenMined PSI (Bloom filter). Prints one JSON object a line:
{system, listed, applicants, hits, expected_hits, setup_seconds, seconds, per_second}. The set-up is
what is done once a list (ours: submission and snapshot); seconds are the applicants' part.

Run by `tools/peers`, which installs the pinned packages into a folder of their own.
"""

import argparse
import csv
import json
import multiprocessing
import os
import random
import socket
import sys
import tempfile
import time

SEED = 20261122


def people(listed: int, applicants: int) -> tuple[list[str], list[str], int]:
    """Two seeded sets of 16-digit numbers; one applicant in ten is listed. No real NIK is among
    them: the code of the province is 00."""
    chosen = random.Random(SEED)
    numbers = chosen.sample(range(10**14), listed + applicants)
    shared = min(applicants // 10, listed)
    on_list = [f"00{number:014}" for number in numbers[:listed]]
    asked = on_list[:shared] + [f"00{n:014}" for n in numbers[listed : listed + applicants - shared]]
    chosen.shuffle(asked)
    return on_list, asked, shared


def write(path: str, numbers: list[str]) -> None:
    with open(path, "w", newline="", encoding="ascii") as file:
        rows = csv.writer(file)
        rows.writerow(["nik"])
        rows.writerows([number] for number in numbers)


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def link(rank: int, ports: list[int]):
    from spu.libspu import link as yacl

    described = yacl.Desc()
    for place, port in enumerate(ports):
        described.add_party(f"party{place}", f"127.0.0.1:{port}")
    return yacl.create_brpc(described, rank)


def unbalanced(rank: int, ports: list[int], folder: str, answer) -> None:
    """Party 0 has the list, party 1 the applicants. Offline, then online."""
    from spu import psi

    secret = os.path.join(folder, "secret")
    if rank == 0:
        with open(secret, "wb") as file:
            file.write(bytes(range(1, 33)))
    own = os.path.join(folder, "listed.csv" if rank == 0 else "applicants.csv")
    role = psi.UbPsiRole.ROLE_SERVER if rank == 0 else psi.UbPsiRole.ROLE_CLIENT
    server = psi.UbPsiServerParams(secret_key_path=secret) if rank == 0 else psi.UbPsiServerParams()
    cache = os.path.join(folder, f"cache{rank}")

    def step(mode, with_input: bool):
        config = psi.UbPsiExecuteConfig(
            mode=mode,
            role=role,
            client_receive_result=True,
            cache_path=cache,
            input_params=psi.InputParams(
                path=own if with_input else "", selected_keys=["nik"], keys_unique=True
            ),
            output_params=psi.OutputParams(path=os.path.join(folder, f"out{rank}.csv")),
            server_params=server,
        )
        return psi.ub_psi_execute(config, connected)

    connected = link(rank, ports)
    begun = time.perf_counter()
    step(psi.UbPsiMode.MODE_OFFLINE, rank == 0)
    offline = time.perf_counter()
    report = step(psi.UbPsiMode.MODE_ONLINE, rank == 1)
    ended = time.perf_counter()
    connected.stop_link()
    if rank == 1:
        answer.put((report.intersection_count, offline - begun, ended - offline))


def one_shot(rank: int, ports: list[int], folder: str, answer) -> None:
    from spu import psi

    own = os.path.join(folder, "listed.csv" if rank == 0 else "applicants.csv")
    config = psi.PsiExecuteConfig(
        protocol_conf=psi.PsiProtocolConfig(
            protocol=psi.PsiProtocol.PROTOCOL_RR22, receiver_rank=1, broadcast_result=False
        ),
        input_params=psi.InputParams(path=own, selected_keys=["nik"], keys_unique=True),
        output_params=psi.OutputParams(path=os.path.join(folder, f"rr{rank}.csv")),
    )
    connected = link(rank, ports)
    begun = time.perf_counter()
    report = psi.psi_execute(config, connected)
    ended = time.perf_counter()
    connected.stop_link()
    if rank == 1:
        answer.put((report.intersection_count, 0.0, ended - begun))


def two_parties(work, folder: str) -> tuple[int, float, float]:
    context = multiprocessing.get_context("spawn")
    answer, ports = context.Queue(), free_ports(2)
    parties = [context.Process(target=work, args=(rank, ports, folder, answer)) for rank in (0, 1)]
    for party in parties:
        party.start()
    for party in parties:
        party.join()
        if party.exitcode != 0:
            raise RuntimeError(f"{work.__name__}: a party ended with {party.exitcode}")
    return answer.get(timeout=10)


def openmined(listed: list[str], asked: list[str]) -> tuple[int, float, float]:
    """Both parties in this process, one after the other, on one core."""
    import private_set_intersection.python as psi

    begun = time.perf_counter()
    server = psi.server.CreateWithNewKey(True)
    setup = server.CreateSetupMessage(1e-9, len(asked), listed, psi.DataStructure.BLOOM_FILTER)
    ready = time.perf_counter()
    client = psi.client.CreateWithNewKey(True)
    response = server.ProcessRequest(client.CreateRequest(asked))
    hits = len(client.GetIntersection(setup, response))
    return hits, ready - begun, time.perf_counter() - ready


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listed", type=int, default=1_000_000)
    parser.add_argument("--applicants", type=int, default=100_000)
    parser.add_argument("--only", choices=["spu-ub-psi", "spu-rr22", "openmined"])
    given = parser.parse_args()
    listed, asked, expected = people(given.listed, given.applicants)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        write(os.path.join(folder, "listed.csv"), listed)
        write(os.path.join(folder, "applicants.csv"), asked)
        systems = {
            "spu-ub-psi": lambda: two_parties(unbalanced, folder),
            "spu-rr22": lambda: two_parties(one_shot, folder),
            "openmined": lambda: openmined(listed, asked),
        }
        for name, run in systems.items():
            if given.only not in (None, name):
                continue
            hits, setup, seconds = run()
            wrong += hits != expected
            said = {
                "system": name,
                "listed": given.listed,
                "applicants": given.applicants,
                "hits": hits,
                "expected_hits": expected,
                "setup_seconds": round(setup, 3),
                "seconds": round(seconds, 3),
                "per_second": round(given.applicants / seconds),
            }
            print(json.dumps(said), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
