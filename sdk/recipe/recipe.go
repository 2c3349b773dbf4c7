package recipe

import "time"

// The struct tags of the language's types are its one specification: they feed
// the loader, the schema for editors and the table in README.md.
//
//	key     the key in YAML; ",inline" takes the fields of an embedded struct
//	must    the key may not be missing
//	vars    variables that expressions here and below may use besides the others
//	fields  the fields of a record that a mapping gives values to
//	one     the allowed texts
//	doc     what it is for

// Recipe is the recipe block of a connector.yaml.
type Recipe struct {
	Base            Template         `key:"base" doc:"Where paths start: https://api.acme.example/v2. May use $form and $values for regional hosts; the host must be among hosts."`
	Headers         Named[Template]  `key:"headers" doc:"Headers of every request, such as Accept. Credentials are added by the host."`
	TimeZone        *time.Location   `key:"time_zone" doc:"Zone of moments that come without one; UTC when left out."`
	Functions       Definitions      `key:"functions" doc:"jq functions for all expressions of the recipe: def invoice_id: ...;"`
	ErrorMessage    *Expr            `key:"error_message" vars:"$status $headers $text" doc:"The package's own words in the body of a refusal; without it the usual places are searched."`
	Errors          []Rule           `key:"errors" vars:"$status $headers $text" doc:"What answers mean that are not plain successes, the first that fits counts. Without a rule: 401 and 403 auth, 404 and 410 gone, 408, 429 and 5xx wait, other 4xx invalid."`
	Values          Named[Value]     `key:"values" vars:"$status $headers $text $clock" doc:"Facts that are asked for once per call and then known as $values.name, such as the id of a ledger or the host of a cluster."`
	Lookups         Named[Lookup]    `key:"lookups" vars:"$key $keys $page $size $status $headers $text $clock" doc:"Records to find by a key while mapping others; kept for the length of a call."`
	Check           *Check           `key:"check" vars:"$status $headers $text $clock" doc:"One cheap request that proves the connection; without it the administrations are listed and there must be one."`
	Administrations *Administrations `key:"administrations" must:"yes" vars:"$page $size $parent $item $status $headers $text $clock" doc:"The sets of books that the connection may read."`
	Pull            Named[Source]    `key:"pull" vars:"$since $page $size $id $ids $item $parent $parents $with $clock $status $headers $text" doc:"The sources of records, by name, in the order in which they are read. Needed unless the package only delivers messages or reports on companies."`
	Documents       []Document       `key:"documents" vars:"$id $source $steps $status $headers $text $clock" doc:"Files of invoices; the first entry that fits format and source is taken."`
	Writes          *Writes          `key:"writes" vars:"$write $source $look $steps $page $size $id $status $headers $text $clock" doc:"What can be written back, or handed over for delivery."`
	Credit          *Credit          `key:"credit" vars:"$company $id $steps $page $size $status $headers $text $clock" doc:"How to find companies, and how to ask an agency for the report on one."`
	Webhook         *Webhook         `key:"webhook" vars:"$method $url $query $headers $text $item" doc:"Calls of the package: how to verify them and what they are about."`
	Subscriptions   *Subscriptions   `key:"subscriptions" vars:"$url $topic $id $steps $page $size $status $headers $text $clock" doc:"How to ask the package for calls."`
}

// Call is one HTTP request and how its answer is read.
type Call struct {
	Request    Request         `key:"request" doc:"Method and path after base, or a whole URL: GET /invoices/{{ .id }}. Inserted values are escaped, a slash too; a list is several segments. One expression alone is a whole URL as the package gave it."`
	Query      Named[Template] `key:"query" doc:"Query parameters. One whose expression gives null is left out, a list is sent as several."`
	Headers    Named[Template] `key:"headers" doc:"Headers of this request; null leaves one out."`
	Body       *Body           `key:"body" doc:"JSON body, written as YAML. A text that is one expression keeps its type; null leaves the key out."`
	Form       Named[Template] `key:"form" doc:"Form body (application/x-www-form-urlencoded)."`
	XML        *Template       `key:"xml" doc:"XML body as a text; inserted values are escaped."`
	RawBody    *Template       `key:"text" doc:"Body as a text; inserted values are not escaped. Give content-type under headers."`
	Binary     *Expr           `key:"binary" doc:"Body as bytes, from a text in base64 such as $write.content. Give content-type under headers."`
	Repeatable bool            `key:"repeatable" doc:"Set on a POST that only reads, so that it may be sent again after a broken line."`
	Once       bool            `key:"once" doc:"Set on a GET that is charged or does something, so that it is not sent again after a broken line."`
	Decode     Decoding        `key:"decode" one:"json xml csv text none" doc:"What the answer is; json when left out. XML loses its namespaces, CSV becomes objects by its first row."`
	Separator  string          `key:"separator" doc:"Between the columns of CSV; a comma when left out."`
	Errors     []Rule          `key:"errors" doc:"Rules for this request, tried before those of the recipe."`
}

// Decoding is the format of an answer.
type Decoding string

// The formats.
const (
	JSON    Decoding = "json"
	AnXML   Decoding = "xml"
	CSV     Decoding = "csv"
	Plain   Decoding = "text"
	AForm   Decoding = "form"
	Nothing Decoding = "none"
)

// Rule says what an answer means.
type Rule struct {
	Status  []Class       `key:"status" doc:"Statuses that it is for: 404, 4xx. Without it every one, good ones too."`
	When    *Expr         `key:"when" doc:"Condition on the decoded body; one that cannot be decoded is null."`
	Is      Meaning       `key:"is" must:"yes" one:"auth wait gone resync invalid rejected uncertain applied empty passing ok" doc:"auth: a person must connect again. wait: come back later. gone: the record is not there. resync: the cursor is of no use. invalid: it can never succeed. rejected, uncertain, applied: what came of a write. empty: taken as an empty list. passing: tried again. ok: a success after all."`
	Message *Expr         `key:"message" doc:"The reason in words; error_message when left out."`
	Wait    time.Duration `key:"wait" doc:"How long, when the answer does not say; 30s for 429, otherwise 1m."`
	After   *Expr         `key:"after" doc:"How long the answer says, in seconds; the header Retry-After is read anyway."`
}

// Meaning is what an answer means.
type Meaning string

// The meanings.
const (
	MeansAuth      Meaning = "auth"
	MeansWait      Meaning = "wait"
	MeansGone      Meaning = "gone"
	MeansResync    Meaning = "resync"
	MeansInvalid   Meaning = "invalid"
	MeansRejected  Meaning = "rejected"
	MeansUncertain Meaning = "uncertain"
	MeansApplied   Meaning = "applied"
	MeansEmpty     Meaning = "empty"
	MeansPassing   Meaning = "passing"
	MeansOK        Meaning = "ok"
)

// Paging says how to get the pages of an answer one after the other.
type Paging struct {
	By    PagingStyle `key:"by" must:"yes" one:"page offset token last url link" doc:"page: $page counts up. offset: $page grows by what came. token: $page is what next gives. last: $page is what next gives for the last item. url: next gives the address of the next page. link: the header Link does."`
	First *int        `key:"first" doc:"The first $page; 1 for page, 0 for offset."`
	Size  int         `key:"size" doc:"Known as $size; for page, offset and last a shorter page is the last one. Without it an empty page is."`
	Next  *Expr       `key:"next" doc:"On the decoded answer (last: on its last item): the token, id or address to go on with; null or empty ends."`
	More  *Expr       `key:"more" doc:"On the decoded answer: whether there is another page; overrides the guess by size."`
	Limit int         `key:"limit" doc:"More pages than this are an error; 10000 when left out."`
}

// PagingStyle is a way of paging.
type PagingStyle string

// The ways.
const (
	ByPage   PagingStyle = "page"
	ByOffset PagingStyle = "offset"
	ByToken  PagingStyle = "token"
	ByLast   PagingStyle = "last"
	ByURL    PagingStyle = "url"
	ByLink   PagingStyle = "link"
)

// Fetch is a request for items, on one page or many.
type Fetch struct {
	Call   `key:",inline"`
	Paging *Paging `key:"paging" doc:"How to get further pages; one page when left out."`
	Each   *Expr   `key:"each" doc:"The list of items in the answer, such as .data; the answer itself when left out. Anything but a list is an error."`
	Where  *Expr   `key:"where" doc:"Which items to take; all when left out."`
}

// Value is a fact that is asked for once.
type Value struct {
	Call  `key:",inline"`
	Value *Expr `key:"value" must:"yes" doc:"The fact, from the decoded answer. Without a request it is computed from what is known."`
}

// Lookup finds records by a key.
type Lookup struct {
	Fetch `key:",inline"`
	All   bool  `key:"all" doc:"Read the whole list once per call, instead of asking for keys."`
	Batch int   `key:"batch" doc:"Ask for so many keys at once, as $keys; without it for one, as $key."`
	Key   *Expr `key:"key" doc:"With all or batch: the key of an item; .id when left out."`
	Value *Expr `key:"value" doc:"What $with holds then: of the answer, or of the item with all or batch. The whole of it when left out."`
	Many  bool  `key:"many" doc:"Several items may have one key; $with holds their list."`
}

// Check proves that a connection works.
type Check struct {
	Call    `key:",inline"`
	Expect  *Expr `key:"expect" doc:"Condition on the decoded answer."`
	Message *Expr `key:"message" doc:"What to tell the user when the condition is false."`
}

// Administrations lists sets of books.
type Administrations struct {
	Fetch `key:",inline"`
	Per   *Fetch  `key:"per" doc:"A request whose items the listing is made for, one after the other, as $parent."`
	Map   Mapping `key:"map" must:"yes" fields:"administration" doc:"The fields. Without a request there is one set of books, made from what is known."`
}

// Source is one source of records.
type Source struct {
	Per       string `key:"per" doc:"Make the request for every item of this other source, as $parent."`
	PerWhen   *Expr  `key:"when" doc:"With per: for which of those items, as $parent."`
	PerKey    *Expr  `key:"key" doc:"With per: make the request once for each different value of this, of the other source's items, known as $id, or $ids with batch."`
	Prefix    string `key:"prefix" doc:"Put before the ids of this source's records, where two sources would have the same ids. Given ids lose it again."`
	List      *List  `key:"list" doc:"A complete and cheap list of ids with revisions. Only what is new or different is then requested, batch ids at a time, and what is missing from the list is known to be deleted. Without a request of the source the items of the list are the records themselves."`
	Fetch     `key:",inline"`
	Batch     int         `key:"batch" doc:"With list: how many ids per request, as $ids; without it one, as $id. With per: how many items, as $parents."`
	Group     *Expr       `key:"group" doc:"Items with the same value of this, on all pages, are one item: a list of them. For packages that give lines or terms instead of invoices."`
	Since     *Progress   `key:"since" doc:"Read only what changed; without it (and without list) every pull reads everything."`
	With      Named[Expr] `key:"with" doc:"Lookups to make for every item: the lookup's name and the key."`
	Only      *Only       `key:"only" doc:"How to read given invoices, before a reminder is sent. Needed on a source of invoices unless it has list."`
	Sweep     *Sweep      `key:"sweep" doc:"A list of all ids to find deletions with, where nothing else tells them."`
	Completes *[]string   `key:"completes" one:"parties invoices payments" doc:"What a full pull of this source tells completely, so that what it did not send is deleted. The stream of its first record when left out; [] for none."`
	Party     *Mapping    `key:"party" fields:"party" doc:"The party in an item."`
	Invoice   *Mapping    `key:"invoice" fields:"invoice" doc:"The invoice in an item."`
	Payment   *Mapping    `key:"payment" fields:"payment" doc:"The payments in an item."`
	Gone      *Mapping    `key:"gone" fields:"gone" doc:"The records that an item says were deleted."`
}

// List is a list of ids with revisions.
type List struct {
	Fetch    `key:",inline"`
	With     Named[Expr] `key:"with" doc:"Lookups to make for every item of the list, for where, id and revision."`
	ID       *Expr       `key:"id" doc:"Of an item; .id when left out."`
	Revision *Expr       `key:"revision" must:"yes" doc:"Of an item: the text or number that changes when the record does. The records get it as their revision."`
	// Chosen is where, when it waits for the lookups of With.
	Chosen *Expr
}

// Progress says how to read only what changed.
type Progress struct {
	Value     *Expr         `key:"value" doc:"When, or at which number, an item changed; the largest is where the next pull starts."`
	Clock     bool          `key:"clock" doc:"Start the next pull at the server's clock when this one began, instead."`
	Kind      string        `key:"kind" one:"time number text" doc:"What the value is; time when left out. Times become 2026-11-21T12:00:00Z; write them with in_layout."`
	Overlap   time.Duration `key:"overlap" doc:"Times: how far to go back, for records that are written late and clocks that differ."`
	Ordered   bool          `key:"ordered" doc:"The items come in the order of the value, so that a pull that breaks off goes on where it was."`
	Pages     int           `key:"pages" doc:"With ordered: begin anew at the value reached after so many pages, for packages that page only so far."`
	FullEvery time.Duration `key:"full_every" doc:"Read everything this often all the same, where deletions or changes are not told."`
}

// Only says how to read given invoices.
//
// Without a request it is that of the source, and without each the source's.
type Only struct {
	Fetch   `key:",inline"`
	Batch   int   `key:"batch" doc:"How many ids per request, as $ids; without it one, as $id."`
	Confirm *Call `key:"confirm" doc:"Asked per id that did not come, as $id, before it is called gone: gone when this says so."`
}

// Sweep lists ids.
type Sweep struct {
	Fetch `key:",inline"`
	ID    *Expr         `key:"id" doc:"Of an item; .id when left out."`
	Every time.Duration `key:"every" doc:"How often; 24h when left out."`
	After string        `key:"after" doc:"Also whenever this source, one before it, had items: a list of deletions that does not say of which invoice."`
}

// Step is a request whose answer the ones after it use.
type Step struct {
	Call `key:",inline"`
	When *Expr `key:"when" doc:"Whether to make it at all; the dot is null."`
}

// Document is a file of an invoice.
type Document struct {
	Format  string      `key:"format" must:"yes" one:"pdf ubl" doc:"Which file."`
	Source  string      `key:"source" doc:"Only for invoices of this source."`
	Steps   Named[Step] `key:"steps" doc:"Requests before this one, by name."`
	Call    `key:",inline"`
	Link    *Expr `key:"url" doc:"The address of the file in the decoded answer; null means there is none. Without url and base64 the answer is the file, redirects are followed."`
	Base64  *Expr `key:"base64" doc:"The file in the decoded answer, in base64; null means there is none."`
	Name    *Expr `key:"name" doc:"The file's name; the server's, or the id, when left out."`
	Missing *Expr `key:"missing" doc:"Before the request, with $steps: whether there is no such file."`
}

// Writes are the kinds of write.
type Writes struct {
	Payment *WriteBack `key:"payment" doc:"Register a payment on an invoice."`
	Note    *WriteBack `key:"note" doc:"Add a note to a party, or to an invoice of it."`
	// The forms of message.
	SMS      *WriteBack `key:"sms" doc:"Send a text message to $write.to."`
	Voice    *WriteBack `key:"voice" doc:"Call $write.to and speak a text."`
	Letter   *WriteBack `key:"letter" doc:"Print and post a PDF."`
	Document *WriteBack `key:"document" doc:"Deliver an electronic document to the participant $write.to."`
}

// WriteBack is one kind of write.
type WriteBack struct {
	Look       *LookUp     `key:"look" doc:"How to find out whether the write is there already. It is read before every write, and after one whose outcome is uncertain. Needed unless idempotent."`
	Idempotent bool        `key:"idempotent" doc:"The package recognises $write.key itself, so that sending again is harmless."`
	Refuse     *Expr       `key:"refuse" doc:"On the answer of look: why it cannot be written, in words; null when it can."`
	Steps      Named[Step] `key:"steps" doc:"Requests before the one that counts, by name."`
	Call       `key:",inline"`
	Finish     Named[Step] `key:"finish" doc:"Requests after it, such as one that books what was made."`
	Made       *Expr       `key:"id" doc:"Id of what was made, from the decoded answer. A success without it is uncertain."`
	Report     *ReportBack `key:"report" doc:"What became of a message. Needed for messages."`
}

// ReportBack asks what became of a message.
type ReportBack struct {
	Steps Named[Step] `key:"steps" doc:"Requests before this one, by name."`
	Call  `key:",inline"`
	Map   Mapping `key:"map" must:"yes" fields:"report" doc:"What the answer says."`
}

// Credit asks an agency about companies.
type Credit struct {
	Find   *CompanySearch `key:"find" must:"yes" doc:"Find companies by one of $company.registration, $company.vat_number and $company.name; the others are null. It must be free of charge."`
	Report *CreditBack    `key:"report" must:"yes" doc:"Ask for the report on the company $id. Set once on the request that is charged."`
}

// CompanySearch finds companies.
type CompanySearch struct {
	Fetch `key:",inline"`
	Map   Mapping `key:"map" must:"yes" fields:"company" doc:"The company in an item."`
}

// CreditBack asks for a report.
type CreditBack struct {
	Steps Named[Step] `key:"steps" doc:"Requests before this one, by name."`
	Call  `key:",inline"`
	Map   Mapping  `key:"map" must:"yes" fields:"credit_report" doc:"What the answer says."`
	Facts *Mapping `key:"facts" fields:"fact" doc:"What it tells of how they pay, each with a name and a text."`
}

// LookUp finds an earlier write.
type LookUp struct {
	Fetch   `key:",inline"`
	Found   *Expr  `key:"found" must:"yes" doc:"Id of the earlier write, null when it is not there; for a subscription a list too. The dot is the answer; with each it is the list of all items."`
	Missing string `key:"missing" doc:"What to tell the user when what is written to does not exist any more."`
}

// Webhook verifies calls and reads hints.
type Webhook struct {
	Signature *Signature `key:"signature" must:"yes" doc:"How to tell that a call comes from the package."`
	Each      *Expr      `key:"each" doc:"The list of events in the body; [.] when left out."`
	Decode    Decoding   `key:"decode" one:"json xml form text none" doc:"What the body is; json when left out. A form becomes an object of texts."`
	Hint      Mapping    `key:"hint" must:"yes" fields:"hint" doc:"What an event is about. One without stream or id is ignored."`
	Handshake *Handshake `key:"handshake" doc:"A call that only asks whether we are there."`
	Reply     *Template  `key:"reply" doc:"Text to answer a call with that was verified, where the package reads it, such as what to say next in a telephone call; null for none."`
}

// Signature is a scheme of signatures.
type Signature struct {
	Scheme    string        `key:"scheme" must:"yes" one:"hmac-sha256 hmac-sha1 hmac-sha512 rsa-sha256 rsa-sha512 token none" doc:"token: the header is the secret itself (Basic too). none: not signed; hints are believed no further than that they are read at the source."`
	Header    string        `key:"header" doc:"The header with the signature."`
	Given     *Expr         `key:"given" doc:"The signature, or the list of those that would do, out of the decoded body or $headers; the header when left out."`
	Prefix    string        `key:"prefix" doc:"In front of the signature, such as sha256=."`
	Encoding  string        `key:"encoding" one:"hex base64" doc:"hex when left out."`
	Signed    *Template     `key:"signed" doc:"The text that is signed; the body when left out."`
	At        *Expr         `key:"at" doc:"The moment of the call, of the decoded body or $headers."`
	MaxAge    time.Duration `key:"max_age" doc:"How far that may be from now; 5m when left out."`
	PublicKey string        `key:"public_key" doc:"PEM of the package's key, for rsa."`
}

// Handshake recognises a call that asks whether we are there.
type Handshake struct {
	When   *Expr     `key:"when" must:"yes" doc:"Condition on the decoded body and $headers."`
	Answer *Template `key:"answer" doc:"Text to answer with; nothing when left out."`
}

// Subscriptions asks for calls.
type Subscriptions struct {
	Topics    []string       `key:"topics" doc:"Subscribe once for each, as $topic; the ids are kept together."`
	Look      *LookUp        `key:"look" doc:"How to find the subscription that there is. With secret, lifetime or ends it is replaced, as its secret or its end is not told again."`
	Subscribe *SubscribeCall `key:"subscribe" must:"yes" doc:"Ask for calls to $url."`
	Lifetime  time.Duration  `key:"lifetime" doc:"How long a subscription lives whose answer does not say; for ever when left out. It is renewed in time."`
	Renew     *RenewCall     `key:"renew" doc:"Prolong the subscription $id. Without it, one that ends soon is ended and a new one asked for."`
	End       *Call          `key:"unsubscribe" must:"yes" doc:"End the subscription $id. One that is gone is no error."`
}

// SubscribeCall asks for calls.
type SubscribeCall struct {
	Call   `key:",inline"`
	ID     *Expr `key:"id" must:"yes" doc:"Id of the subscription, from the answer."`
	Secret *Expr `key:"secret" doc:"The secret that calls are signed with, from the answer."`
	Ends   *Expr `key:"ends" doc:"The moment at which the subscription ends, from the answer."`
}

// RenewCall prolongs a subscription.
type RenewCall struct {
	Call `key:",inline"`
	Ends *Expr `key:"ends" doc:"The moment at which the subscription ends now, from the answer."`
}
