// A small portal of CloudLab for the page's tests: the real one cannot be reached from a test, and lends real machines. It
// takes one token, keeps one experiment, and brings it up one step each time it is looked at.
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const TOKEN = "eyJ.very-secret.signature";
export const ID = "a194e2be-1e5b-4617-84de-c4966cb5c578";

interface Step {
  status: string;
  /** The raw state of each machine. */
  machines: string[];
}

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

const HOUR = 3_600_000;

export class Portal {
  private server?: Server;
  /** What the next requests for an experiment are answered with. */
  instead: Reply[] = [];
  /** What the next questions about the token are answered with. */
  insteadOfToken: Reply[] = [];
  /** How the experiment comes up; the last step stays. */
  steps: Step[] = [];
  /** Method and path of every call. */
  seen: string[] = [];
  /** Bodies of the calls that had one. */
  bodies: unknown[] = [];
  exists = false;
  createdAt = 0;
  expiresAt = 0;
  /** Whether a request for more time is granted. */
  grants = true;
  /** Whether the manifest tells of a LAN. */
  hasLan = true;

  async start(): Promise<void> {
    this.reset();
    this.server = createServer((request, response) => void this.answer(request, response));
    await new Promise<void>((listening) => this.server!.listen(0, "127.0.0.1", listening));
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((closed) => this.server?.close(closed));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server!.address() as AddressInfo).port}`;
  }

  reset(): void {
    this.instead = [];
    this.insteadOfToken = [];
    this.seen = [];
    this.bodies = [];
    this.exists = false;
    this.grants = true;
    this.hasLan = true;
    this.steps = [
      { status: "created", machines: [] },
      { status: "provisioning", machines: ["RELOADING", "RELOADING"] },
      { status: "provisioned", machines: ["ISUP", "BOOTING"] },
      { status: "ready", machines: ["ISUP", "ISUP"] },
    ];
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    if (text) this.bodies.push(JSON.parse(text));
    this.seen.push(`${request.method} ${request.url}`);
    const asked = request.method === "POST" ? this.instead.shift() : undefined;
    const { status, body, headers } = asked ?? this.reply(request);
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(body === undefined ? "" : JSON.stringify(body));
  }

  private reply(request: IncomingMessage): Reply {
    const instead = request.url === "/tokens/this" ? this.insteadOfToken.shift() : undefined;
    if (instead) return instead;
    if (request.headers["x-api-token"] !== TOKEN) return { status: 401, body: { detail: "Token has expired" } };
    const call = `${request.method} ${request.url}`;
    if (call === "GET /tokens/this") {
      const expires = new Date(Date.now() + 40 * 24 * HOUR).toISOString();
      return { status: 200, body: { id: ID, user: "ann", token: TOKEN, expires_at: expires } };
    }
    if (call === "GET /profiles") {
      return { status: 200, body: { profiles: [{ id: ID, project: "proj", name: "bftgym" }] } };
    }
    if (call === "GET /experiments") {
      return { status: 200, body: { experiments: this.exists ? [this.experiment(false)] : [] } };
    }
    // As the real one does, which has this call under a trailing slash.
    if (call === "POST /experiments") return { status: 307, headers: { location: "/experiments/" } };
    if (call === "POST /experiments/") {
      this.exists = true;
      this.createdAt = Date.now();
      this.expiresAt = this.createdAt + 4 * HOUR;
      return { status: 201, body: this.experiment(false) };
    }
    if (!this.exists) return { status: 404, body: { error: "No such experiment", code: 404 } };
    if (call.endsWith("/manifests")) return { status: 200, body: { site: this.manifest() } };
    if (request.method === "DELETE") {
      this.exists = false;
      return { status: 204 };
    }
    if (request.method === "PUT") {
      const { extend_by } = this.bodies.at(-1) as { extend_by: number };
      if (this.grants) this.expiresAt += extend_by * HOUR;
      return { status: 200, body: this.experiment(false) };
    }
    return { status: 200, body: this.experiment(true) };
  }

  private experiment(elaborate: boolean): unknown {
    const step = elaborate && this.steps.length > 1 ? this.steps.shift()! : this.steps[0];
    const { name, project } = (this.bodies.find((body) => (body as { name?: string }).name) ?? { name: "bft", project: "proj" }) as {
      name: string;
      project: string;
    };
    const nodes = step.machines.map((rawstate, index) => ({
      client_id: `node${index}`,
      status: rawstate === "ISUP" ? "ready" : rawstate.endsWith("FAILED") ? "failed" : "changing",
      rawstate,
      hostname: "<notyet>",
      ipv4: "<notyet>",
    }));
    return {
      id: ID,
      name,
      project,
      profile_name: "small-lan",
      profile_project: "PortalProfiles",
      status: step.status,
      created_at: new Date(this.createdAt).toISOString(),
      expires_at: new Date(this.expiresAt).toISOString(),
      aggregates: elaborate ? { "urn:publicid:IDN+utah.cloudlab.us+authority+cm": { nodes } } : {},
    };
  }

  private manifest(): string {
    if (!this.hasLan) return '<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest"/>';
    const nodes = this.steps[0].machines.map(
      (_, index) => `<node client_id="node${index}">
        <interface client_id="node${index}:if0"><ip address="10.10.1.${index + 1}" type="ipv4"/></interface>
        <services><login hostname="pc${index}.utah.cloudlab.us" port="22" username="ann"/></services></node>`,
    );
    const ends = this.steps[0].machines.map((_, index) => `<interface_ref client_id="node${index}:if0"/>`);
    return `<rspec xmlns="http://www.geni.net/resources/rspec/3" type="manifest">${nodes.join("")}
      <link client_id="lan">${ends.join("")}</link></rspec>`;
  }
}
