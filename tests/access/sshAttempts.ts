import { places } from "../support/sshServer";

// What somebody with the tunnel's key might try beside the one forward, as the words of the real ssh. Each is tried as a user whom
// sshd restricts in nothing too: there it must work, else its refusal would say nothing.

/** Stands for `<user>@<address>` among the words. */
export const host = "{host}";

interface Refusal {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: RegExp;
}

/** An attempt that comes to its end. */
export interface Command {
    readonly what: string;
    readonly words: readonly string[];
    readonly input?: string;
    readonly environment?: Record<string, string>;
    /** What it prints where it works. */
    readonly works: RegExp;
    readonly refusal: Refusal;
    /** What the host's sshd notes at its refusal, where the teammate is not told. */
    readonly noted?: RegExp;
    readonly needsPacketTunnels?: boolean;
}

/** A forward that listens: refused is what goes through it. */
export interface Forward {
    readonly what: string;
    readonly words: readonly string[];
    readonly request: readonly string[];
    /** The witness that the request reaches where it works. */
    readonly place: string;
    readonly stderr: RegExp;
}

const noShell: Refusal = { status: 1, stdout: "This account is currently not available.\n", stderr: /^$/ };
const refused = (stderr: RegExp, status = 255): Refusal => ({ status, stdout: "", stderr });
// --norc: bash takes a socket for its standard input, which a test gives it, for a login from afar, and would read its start files.

/** The text of nologin is taken for an answer, unless the connection is gone before. */
const noFiles = (status = 255) =>
    refused(/^(scp: )?(Received message too long|protocol error|lost connection|Connection closed)/i, status);
const prohibited = /^channel \d: open failed: administratively prohibited: open failed\r?\n/;
const request = "GET /tried HTTP/1.0\r\n\r\n";
const mustForward = ["-o", "ExitOnForwardFailure=yes"];

/** Such a tunnel keeps its connection open when the command in it has ended: so that is cut. */
const overDevice =
    'exec 3< <(exec ssh -o ExitOnForwardFailure=yes -w "any:$1" "$0" "echo open")\n' +
    'read -r line <&3 || { wait $!; exit; }; kill $!; echo "$line"';

/** Of the device that a tunnel of packets would use: one for each user. */
export const tunnelDevice = "{device}";

export const commands: readonly Command[] = [
    {
        what: "a shell",
        words: ["ssh", "-T", host],
        input: "echo in-$((20+22))\n",
        works: /^in-42$/m,
        refusal: noShell,
    },
    {
        what: "a shell with a terminal",
        words: ["ssh", "-tt", host],
        input: "echo in-$((20+22))\nexit\n",
        works: /^in-42\r$/m,
        refusal: refused(/^PTY allocation request failed on channel 0\r\n$/),
    },
    { what: "a command", words: ["ssh", host, "echo in-$((20+22))"], works: /^in-42\n$/, refusal: noShell },
    {
        what: "a listing by sftp",
        words: ["sftp", "-b", "-", host],
        input: "ls /etc/passwd\n",
        works: /^\/etc\/passwd *$/m,
        refusal: noFiles(),
    },
    {
        what: "a copy by scp",
        words: ["bash", "--norc", "-euc", 'cd; scp -q "$0:/etc/passwd" copy; grep root: copy', host],
        works: /^root:/,
        refusal: noFiles(),
    },
    {
        what: "a copy by scp's old protocol",
        words: ["bash", "--norc", "-euc", 'cd; scp -q -O "$0:/etc/passwd" copy; grep root: copy', host],
        works: /^root:/,
        refusal: noFiles(1),
    },
    {
        what: "a connection to another port",
        words: ["ssh", "-W", places.neighbour, host],
        input: request,
        works: /^HTTP\/1.0 200 OK\r\n/,
        refusal: refused(prohibited),
    },
    {
        what: "a forward from the host",
        words: ["ssh", ...mustForward, "-R", `7000:${places.neighbour}`, host, "curl -sS http://127.0.0.1:7000/tried"],
        works: /^127\.0\.0\.1:5005\n$/,
        refusal: refused(/^Error: remote port forwarding failed for listen port 7000\r\n$/),
    },
    {
        what: "a forward from a socket of the host",
        words: [
            ...["ssh", ...mustForward, "-R", `/tmp/tried.sock:${places.neighbour}`, host],
            "curl -sS --unix-socket /tmp/tried.sock http://localhost/tried; rm /tmp/tried.sock",
        ],
        works: /^127\.0\.0\.1:5005\n$/,
        refusal: refused(/^Error: remote port forwarding failed for listen path \/tmp\/tried\.sock\r\n$/),
    },
    {
        what: "the teammate's keys on the host",
        words: ["ssh-agent", "ssh", "-A", host, 'test -S "$SSH_AUTH_SOCK" && echo lent'],
        works: /^lent\n$/,
        refusal: noShell,
        noted: /agent forwarding disabled/,
    },
    {
        what: "the teammate's display on the host",
        words: ["ssh", "-Y", host, "echo $DISPLAY"],
        environment: { DISPLAY: "127.0.0.1:0" },
        works: /^localhost:10\.0\n$/,
        refusal: { ...noShell, stderr: /^X11 forwarding request failed on channel 0\r\n$/m },
    },
    {
        what: "a tunnel of packets (skipped without /dev/net/tun)",
        needsPacketTunnels: true,
        words: ["bash", "--norc", "-uc", overDevice, host, tunnelDevice],
        works: /^open\n$/,
        refusal: refused(/Tunnel forwarding failed\r\n$/),
    },
];

const url = "http://127.0.0.1:7001/tried";

export const forwards: readonly Forward[] = [
    {
        what: "a forward to another port",
        words: ["-L", `7001:${places.neighbour}`],
        request: [url],
        place: places.neighbour,
        stderr: prohibited,
    },
    {
        what: "a forward to another name of the same port",
        words: ["-L", "7001:localhost:5000"],
        request: [url],
        place: places.mlflow,
        stderr: prohibited,
    },
    {
        what: "a forward to the instance's metadata",
        words: ["-L", `7001:${places.metadata}`],
        request: [url],
        place: places.metadata,
        stderr: prohibited,
    },
    {
        what: "a forward to MLflow's socket",
        words: ["-L", `7001:${places.mlflow}`],
        request: [url],
        place: places.mlflow,
        stderr: /^channel \d: open failed: connect failed: open failed\r?\n/,
    },
    {
        what: "a proxy to another port",
        words: ["-D", "7001"],
        request: ["--socks5", "127.0.0.1:7001", `http://${places.neighbour}/tried`],
        place: places.neighbour,
        stderr: prohibited,
    },
];
