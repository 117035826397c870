import { Socket } from "node:net";
import { systemChance, systemClock, systemNet } from "../ports/index.ts";
import { Link } from "./link.ts";
import { probeSource } from "./probe.ts";
import type { SourceToProbe } from "./recorder-messages.ts";

// One probe for the command: asked and answered over the pipe, so that a password is on no command line.
const link: Link = new Link(
  new Socket({ fd: 3 }),
  (message) => {
    const doors = { net: systemNet(), clock: systemClock(), chance: systemChance() };
    void probeSource(doors, message["source"] as SourceToProbe).then((answer) => link.send({ t: "probe", answer }));
  },
  () => process.exit(0),
);
