package recipe

// Var is one of the variables that an expression may use.
type Var int

// The variables; see Variables for what they hold.
const (
	VarAdministration Var = iota
	VarForm
	VarValues
	VarNow
	VarSince
	VarPage
	VarSize
	VarID
	VarIDs
	VarItem
	VarParent
	VarParents
	VarWith
	VarKey
	VarKeys
	VarStatus
	VarHeaders
	VarText
	VarClock
	VarSource
	VarSteps
	VarLook
	VarWrite
	VarCompany
	VarURL
	VarMethod
	VarQuery
	VarTopic
	VarTitle
	numVars
)

// Variable describes a variable for the documentation.
type Variable struct {
	Var   Var
	Name  string
	Where string
	Doc   string
}

// Variables lists what expressions may use besides the dot.
var Variables = [numVars]Variable{
	{VarAdministration, "$administration", "everywhere", "Id of the set of books, text. Empty where there is none yet (`check`, `administrations`)."},
	{VarForm, "$form", "everywhere", "Answers of the connection form that are not secret, and what signing in keeps (`keep` under auth), as texts: `$form.region`."},
	{VarValues, "$values", "everywhere", "What the requests under `values` gave; asked once per call, when first used."},
	{VarNow, "$now", "everywhere", "The present moment, as 2026-11-21T12:00:00Z."},
	{VarSince, "$since", "pull", "Where the last pull of this source ended, less the overlap; null on a full pull."},
	{VarPage, "$page", "requests with paging", "The page number, offset, token or last id to ask for; null on a first page that has none."},
	{VarSize, "$size", "requests with paging", "`paging.size`."},
	{VarID, "$id", "pull, documents, subscriptions, reports, credit", "The one id that is asked for, without the prefix of its source; with `per` and `key` the key."},
	{VarIDs, "$ids", "pull", "The ids that are asked for, a list."},
	{VarItem, "$item", "mappings", "The item of the answer that is being mapped; the dot is that too, or an element of `each`."},
	{VarParent, "$parent", "sources with `per`", "The item of the other source that this request is made for."},
	{VarParents, "$parents", "sources with `per` and `batch`", "The items of the other source that this request is made for, a list."},
	{VarWith, "$with", "mappings", "What the lookups under `with` found for this item; null when nothing."},
	{VarKey, "$key", "lookups", "The key to look up."},
	{VarKeys, "$keys", "lookups with `batch`", "The keys to look up, a list."},
	{VarStatus, "$status", "answers", "HTTP status, a number."},
	{VarHeaders, "$headers", "answers, webhook", "Headers, with names in small letters: `$headers[\"x-total\"]`."},
	{VarText, "$text", "answers, webhook", "The body as text."},
	{VarClock, "$clock", "answers", "The server's clock, from the header Date; $now when there is none."},
	{VarSource, "$source", "documents, writes", "Name of the source that the invoice comes from."},
	{VarSteps, "$steps", "documents, writes, credit, subscriptions", "Answers of the steps so far: `$steps.booking.id`."},
	{VarLook, "$look", "writes", "The answer of `look`."},
	{VarWrite, "$write", "writes", "The write: `key`, `reference`, `amount` (\"12.50\"), `currency`, `date`, `invoice`, `party`, `text`, `moment`; of a message `kind`, `to`, `from`, `text`, `language`, `choices` (of `key` and `text`), `thanks`, `name`, `line1`, `line2`, `postal_code`, `city`, `country`, `file_name`, `content` (base64), `report_url`, `moment`."},
	{VarCompany, "$company", "credit", "The company to find: `country`, and one of `registration`, `vat_number` and `name` (with `postal_code`). Of a report `key`, `country` and `language`."},
	{VarURL, "$url", "subscriptions, webhook", "The address that the package should call, or that it called, with its query."},
	{VarMethod, "$method", "webhook", "POST or GET."},
	{VarQuery, "$query", "webhook", "Parameters of the called address, each as its first text: `$query.validationToken`."},
	{VarTopic, "$topic", "subscriptions", "One of `topics`."},
	{VarTitle, "$title", "everywhere", "The package's name, for messages."},
}

// Scope holds the values of the variables during one evaluation.
type Scope [numVars]any

// WriteFields are the fields of $write.
var WriteFields = []string{"key", "reference", "amount", "currency", "date", "invoice", "party", "text", "moment",
	"kind", "to", "from", "language", "choices", "thanks", "name", "line1", "line2", "postal_code", "city", "country", "file_name", "content", "report_url"}

// CompanyFields are the fields of $company.
var CompanyFields = []string{"country", "registration", "vat_number", "name", "postal_code", "key", "language"}
