package contain

// Line says for an operator what a measure does for connectors on this machine, or
// what its absence means.
type Line struct {
	Measure Measure
	InForce bool
	// Text is a sentence or two.
	Text string
	// Todo is how to get there, empty where nothing is to be done.
	Todo string
}

// words say of each measure what it gives, and what is so without it.
var words = map[Measure]struct{ in, out string }{
	NetworkNamespace: {"Connectors have no network. They ask the hub for each request.", "Connectors share this machine's network."},
	ProcessNamespace: {"Connectors see no processes but their own, and leave none behind.", "Connectors see the processes of this machine."},
	OtherNamespaces:  {"Connectors cannot talk to other programs by shared memory.", "Connectors share the shared memory of this machine."},
	OwnRoot:          {"Connectors see a root folder of their own, with nothing of this machine in it.", "Connectors see the folders of this machine."},
	Landlock:         {"The kernel refuses connectors every file that is not theirs.", "The kernel does not refuse connectors files of others by a rule of their own."},
	CallFilter:       {"The kernel refuses connectors the calls by which a program widens what it may do, or starts another.", "Connectors may make any call of the kernel."},
	OwnUser:          {"Each connector runs as a user that owns nothing.", "Connectors run as the user of the hub."},
	Cgroup: {
		"The memory and the processes of a connector are bounded for all that it starts together.",
		"The memory, open files and written files of each process of a connector are bounded, but not those of several processes together.",
	},
	SealedCopy: {"What runs is a sealed copy of the program that was verified.", "Connectors run from the file on disk, which is verified when it starts."},
}

// Lines says in words what is in force, in the order of reports.
func (r Report) Lines() []Line {
	out := make([]Line, 0, len(r.States))
	for _, s := range r.States {
		w := words[s.Measure]
		if s.InForce {
			out = append(out, Line{Measure: s.Measure, InForce: true, Text: w.in})
			continue
		}
		text := w.out
		if s.Detail != "" {
			text += " Why: " + s.Detail + "."
		}
		out = append(out, Line{Measure: s.Measure, Text: text, Todo: advice[s.Measure]})
	}
	return out
}
