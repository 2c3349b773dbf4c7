"""A clerk at a Tryton server, who works with Tryton's own client library.

It reads one instruction per line, {"do": name, ...}, and answers each with a line:
the result as JSON, or {"error": text}. Invoices go by their ids.
"""
import base64
import datetime
import json
import sqlite3
import sys
import urllib.request
from decimal import Decimal

from proteus import Model, Wizard, config


def day(text):
    return datetime.date.fromisoformat(text)


class Clerk:

    def company(self, name, today, user, password):
        """Sets up books: a company, a year, accounts, a tax, ways to pay, and a
        user who keeps them."""
        today = day(today)
        euro = self.currency()
        company = self.firm(name, euro)
        self.year(company, today)
        self.chart(company)
        self.ways(company)
        self.user(company, user, password)
        return {'company': company.id}

    def currency(self):
        euro = Model.get('currency.currency')(
            name='Euro', symbol='€', code='EUR', rounding=Decimal('0.01'))
        euro.save()
        Model.get('currency.currency.rate')(
            date=datetime.date.min, rate=Decimal(1), currency=euro).save()
        return euro

    def firm(self, name, currency):
        party = Model.get('party.party')(name=name)
        party.save()
        wizard = Wizard('company.company.config')
        wizard.execute('company')
        wizard.form.party, wizard.form.currency = party, currency
        wizard.execute('add')
        prefer()
        company, = Model.get('company.company').find([])
        company.cancel_invoice_out = True
        company.save()
        return company

    def sequence(self, kind, name, company, model='ir.sequence'):
        of, = Model.get('ir.sequence.type').find([('name', '=', kind)], limit=1)
        made = Model.get(model)(name=name, sequence_type=of, company=company)
        made.save()
        return made

    def year(self, company, today):
        year = Model.get('account.fiscalyear')(name=str(today.year), company=company)
        year.start_date = datetime.date(today.year, 1, 1)
        year.end_date = datetime.date(today.year, 12, 31)
        year.post_move_sequence = self.sequence('Account Move', year.name, company)
        numbers = self.sequence('Invoice', year.name, company, 'ir.sequence.strict')
        of, = year.invoice_sequences
        of.out_invoice_sequence = of.in_invoice_sequence = numbers
        of.out_credit_note_sequence = of.in_credit_note_sequence = numbers
        year.click('create_period')

    def chart(self, company):
        Account = Model.get('account.account')
        template, = Model.get('account.account.template').find([('parent', '=', None)], limit=1)
        wizard = Wizard('account.create_chart')
        wizard.execute('account')
        wizard.form.account_template, wizard.form.company = template, company
        wizard.execute('create_account')
        wizard.form.account_receivable, = Account.find([('type.receivable', '=', True)], limit=1)
        wizard.form.account_payable, = Account.find([('type.payable', '=', True)], limit=1)
        wizard.execute('create_properties')

    def ways(self, company):
        Account = Model.get('account.account')
        self.revenue, = Account.find([('type.revenue', '=', True)], limit=1)
        of_tax, = Account.find([('name', '=', 'Main Tax')])
        cash, = Account.find([('name', '=', 'Main Cash')])
        self.tax = Model.get('account.tax')(
            name='21%', description='21%', type='percentage', rate=Decimal('.21'),
            invoice_account=of_tax, credit_note_account=of_tax)
        self.tax.save()
        journal, = Model.get('account.journal').find([('type', '=', 'cash')])
        for name in ('Bank', 'Cash'):
            Model.get('account.invoice.payment.method')(
                name=name, journal=journal, credit_account=cash, debit_account=cash).save()
        Term = Model.get('account.invoice.payment_term')
        for name, parts in {
                '30 days': [('remainder', None, 30)],
                'two parts': [('percent', '.5', 14), ('remainder', None, 44)]}.items():
            term = Term(name=name)
            for kind, ratio, days in parts:
                line = term.lines.new(type=kind)
                if ratio:
                    line.ratio = Decimal(ratio)
                line.relativedeltas.new(days=days)
            term.save()

    def user(self, company, login, password):
        user = Model.get('res.user')(name=login, login=login, password=password)
        for group in ('Account', 'Account Administration'):
            user.groups.extend(Model.get('res.group').find([('name', '=', group)]))
        user.companies.append(company)
        user.company = company
        user.save()

    def party(self, name, street='', postal_code='', city='', email='', phone='', vat='', code=''):
        Party = Model.get('party.party')
        party = Party(name=name)
        if code:
            party.code = code
        address, = party.addresses
        address.street, address.postal_code, address.city = street, postal_code, city
        for kind, value in (('email', email), ('phone', phone)):
            if value:
                party.contact_mechanisms.new(type=kind, value=value)
        if vat:
            party.identifiers.new(type='eu_vat', code=vat)
        party.save()
        return {'id': party.id}

    def email(self, party, value):
        Mechanism = Model.get('party.contact_mechanism')
        mechanism, = Mechanism.find([('party', '=', party), ('type', '=', 'email')])
        mechanism.value = value
        mechanism.save()

    def invoices(self, party, date, prices, term='30 days', post=True, reference=''):
        """Makes an invoice per price, without tax; a negative one is a credit note."""
        Invoice = Model.get('account.invoice')
        term, = Model.get('account.invoice.payment_term').find([('name', '=', term)])
        made = []
        for price in prices:
            invoice = Invoice(type='out', party=Model.get('party.party')(party))
            invoice.invoice_date, invoice.payment_term = day(date), term
            invoice.reference = reference
            line = invoice.lines.new()
            line.account, line.description = self.revenue, 'Brood'
            price = Decimal(price)
            line.quantity, line.unit_price = (1, price) if price > 0 else (-1, -price)
            line.taxes.append(Model.get('account.tax')(self.tax.id))
            invoice.save()
            made.append(invoice)
        if post:
            agree(*('invoice_payment_term_%d' % i.id for i in made))  # due dates in the past
            Invoice.click(made, 'post')
            for invoice in made:
                invoice.reload()
        return {'ids': [i.id for i in made], 'numbers': [i.number for i in made]}

    def pay(self, id, amount, date, method='Bank', description=''):
        invoice = Model.get('account.invoice')(id)
        way, = Model.get('account.invoice.payment.method').find([('name', '=', method)])
        pay = Wizard('account.invoice.pay', [invoice])
        pay.form.amount, pay.form.payment_method = Decimal(amount), way
        pay.form.date, pay.form.description = day(date), description
        pay.execute('choice')
        if pay.state != 'end':
            pay.form.type = 'partial'
            pay.execute('pay')
        return self.look(id)

    def credit(self, id, refund, date):
        """Credits an invoice whole; with refund both are cancelled."""
        Invoice = Model.get('account.invoice')
        invoice = Invoice(id)
        wizard = Wizard('account.invoice.credit', [invoice])
        wizard.form.with_refund = refund
        wizard.form.invoice_date = day(date)
        last, = Invoice.find([], order=[('id', 'DESC')], limit=1)
        agree('invoice_payment_term_%d' % (last.id + 1))
        wizard.execute('credit')
        note, = Invoice.find([('id', '>', last.id)])
        if note.state == 'draft':
            note.invoice_date = day(date)
            note.save()
            agree('invoice_payment_term_%d' % note.id)
            note.click('post')
        return {'id': note.id, 'state': note.state, 'number': note.number, 'total': str(note.total_amount)}

    def cancel(self, id):
        Model.get('account.invoice')(id).click('cancel')
        return self.look(id)

    def delete(self, id):
        Model.get('account.invoice')(id).delete()

    def due(self, id, date):
        """Gives more time: the date is on a line of the books."""
        line, = [l for l in Model.get('account.invoice')(id).lines_to_pay if not l.reconciliation]
        line.maturity_date = day(date)
        line.save()

    def file(self, id, pdf):
        """Puts a file in the place where the server keeps the printed invoice."""
        proxy = config.get_config().get_proxy('account.invoice')
        proxy.write([id], {'invoice_report_cache': base64.b64decode(pdf), 'invoice_report_format': 'pdf'}, {})

    def look(self, id):
        invoice = Model.get('account.invoice')(id)
        lines = list(invoice.payment_lines) + list(invoice.reconciliation_lines)
        payments = {l.id: {'amount': str(l.credit - l.debit), 'date': str(l.date), 'text': l.description or l.move.description or ''} for l in lines}
        return {'state': invoice.state, 'number': invoice.number, 'total': str(invoice.total_amount), 'open': str(invoice.amount_to_pay),
            'format': invoice.invoice_report_format, 'payments': list(payments.values())}

    def password(self, login, password):
        user, = Model.get('res.user').find([('login', '=', login)])
        user.password = password
        user.save()

    def end(self, file, login):
        """Ends the sessions of a user where they are kept, as time would."""
        user, = Model.get('res.user').find([('login', '=', login)])
        with sqlite3.connect(file, timeout=30) as books:
            return books.execute('DELETE FROM ir_session WHERE create_uid = ?', (user.id,)).rowcount

    def notes(self, resource):
        return [n.message for n in Model.get('ir.note').find([('resource', '=', resource)])]


def sign_in(base, user, password):
    """Signs in once: a password with every call would be hashed every time."""
    body = {'id': 0, 'method': 'common.db.login', 'params': [user, {'password': password}, 'en']}
    request = urllib.request.Request(base, json.dumps(body).encode(), {'Content-Type': 'application/json'})
    with urllib.request.urlopen(request) as answer:
        number, key = json.load(answer)['result']
    ticket = base64.b64encode(('%s:%s:%s' % (user, number, key)).encode()).decode()
    config.set_xmlrpc(base, headers=[('Authorization', 'Session ' + ticket)])
    prefer()


def prefer():
    """Takes over the preferences of the user, such as the company."""
    config.get_config()._context = Model.get('res.user').get_preferences(True, {})


def agree(*names):
    """Answers questions of Tryton with yes, before it asks them."""
    me, = Model.get('res.user').find([('login', '=', sys.argv[2])])
    for name in names:
        Model.get('res.user.warning')(user=me, name=name).save()


def main():
    sign_in(*sys.argv[1:4])
    clerk = Clerk()
    for line in sys.stdin:
        instruction = json.loads(line)
        try:
            answer = getattr(clerk, instruction.pop('do'))(**instruction)
        except Exception as error:  # told to the test, which decides
            answer = {'error': '%s: %s' % (type(error).__name__, error)}
        print(json.dumps(answer), flush=True)


main()
