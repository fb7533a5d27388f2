"""Runs the AWS emulator (moto) on loopback: the port is the only argument.

Two corrections, without which its IAM enforcement refuses what AWS allows:
- its signature check fails on percent-encoded characters, which every listing of a folder has, so it is left out
  (an unknown key is still refused);
- it checks HeadBucket as an action of that name; on AWS it is ListBucket.
"""

import sys

import moto.s3.responses
import moto.server
from moto.iam.access_control import IAMRequestBase

IAMRequestBase.check_signature = lambda self: None
moto.s3.responses.ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"

(port,) = sys.argv[1:]
moto.server.main(["-H", "127.0.0.1", "-p", port])
