package outreach

// Document is a message as blocks, before it takes the form of an e-mail or a
// letter.
type Document struct {
	Language   Language
	Subject    string
	Preview    string // first words a mail client shows beside the subject
	Salutation string // empty for a code
	Blocks     []Block
	Closing    []string
	Version    string // template and hash of the words it was made with: "nl/reminder_1@3f9c2a71b0d4"
}

// Block is a part of a document: Paragraph, Table, Button, Facts, Box or
// CodeBlock.
type Block interface{ block() }

// Run is a piece of text of one weight.
type Run struct {
	Text   string
	Strong bool
}

// Paragraph is one thought.
type Paragraph struct{ Runs []Run }

// Table is a list of lines with columns of amounts on the right.
type Table struct {
	Title   string
	Columns []string // headings: the first is the label's, the others the amounts'
	Rows    []Row
	Totals  []Row
}

// Row is a line of a table. Amounts are right-aligned and end at the right
// edge, so a row may have fewer than the table has columns.
type Row struct {
	Label   string
	Detail  string // second line in small type
	Amounts []string
}

// Button is the one primary action of a message.
type Button struct{ Label, URL string }

// Facts are label and value pairs, as bank details.
type Facts struct {
	Title string
	Rows  []Fact
}

// Fact is one label with its value, and a link when URL is set.
type Fact struct{ Label, Value, URL string }

// Box is a protected statutory block: every renderer keeps its text as it is.
type Box struct {
	Heading    string
	Paragraphs []string
}

// CodeBlock is a one-time code in large type.
type CodeBlock struct{ Value string }

func (Paragraph) block() {}
func (Table) block()     {}
func (Button) block()    {}
func (Facts) block()     {}
func (Box) block()       {}
func (CodeBlock) block() {}
