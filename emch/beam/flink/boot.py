"""What a task manager starts for each worker: it asks for its options, and becomes Beam's worker.

Beam has a program of that kind in Go for its containers, which installs packages first; here the
worker has those of emch's own environment.
"""

import argparse
import os
import sys

import grpc
from apache_beam.portability.api import (
    beam_provision_api_pb2,
    beam_provision_api_pb2_grpc,
    endpoints_pb2,
)
from google.protobuf import json_format, text_format

FLAGS = ("id", "logging_endpoint", "artifact_endpoint", "provision_endpoint", "control_endpoint")
"""Those of the contract of Beam's containers."""


def main() -> None:
    """Take the place of this process by Beam's worker."""
    parser = argparse.ArgumentParser()
    for flag in FLAGS:
        parser.add_argument(f"--{flag}", default="")
    told, _ = parser.parse_known_args()
    with grpc.insecure_channel(told.provision_endpoint) as channel:
        service = beam_provision_api_pb2_grpc.ProvisionServiceStub(channel)
        request = beam_provision_api_pb2.GetProvisionInfoRequest()
        info = service.GetProvisionInfo(request, metadata=[("worker_id", told.id)]).info
    control = info.control_endpoint.url or told.control_endpoint
    logging = info.logging_endpoint.url or told.logging_endpoint
    variables = {
        "WORKER_ID": told.id,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "CONTROL_API_SERVICE_DESCRIPTOR": _descriptor(control),
        "LOGGING_API_SERVICE_DESCRIPTOR": _descriptor(logging),
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }
    command = [sys.executable, "-P", "-m", "apache_beam.runners.worker.sdk_worker_main"]
    os.execve(sys.executable, command, {**os.environ, **variables})  # noqa: S606 - no shell needed


def _descriptor(address: str) -> str:
    text: str = text_format.MessageToString(endpoints_pb2.ApiServiceDescriptor(url=address))
    return text


if __name__ == "__main__":
    main()
