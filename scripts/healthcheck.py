"""Exit 0 when this container's web server shows the sign-in page. Run by docker-compose.yml."""

import os
import sys
from http.client import HTTPConnection

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".").replace("*", "localhost")
connection = HTTPConnection("127.0.0.1", 8000, timeout=4)
# As the proxy would ask; without the second header production answers with a redirect to https.
connection.request("GET", "/login/", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != 200)
