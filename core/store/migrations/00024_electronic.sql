-- +goose Up
-- An electronic invoice (UBL): of an invoice, as the books gave it, or of a
-- message that went over Peppol.
alter table document drop constraint document_kind_check;
alter table document add constraint document_kind_check check (kind in ('invoice', 'letter', 'dossier', 'attachment', 'upload', 'ubl'));

-- +goose Down
delete from document where kind = 'ubl';
alter table document drop constraint document_kind_check;
alter table document add constraint document_kind_check check (kind in ('invoice', 'letter', 'dossier', 'attachment', 'upload'));
