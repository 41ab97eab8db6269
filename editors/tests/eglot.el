;;; eglot.el --- the language server in a real Emacs  -*- lexical-binding: t; -*-

;; Emacs 28 with eglot 1.9, or later: emacs -q --batch -f package-initialize -l eglot.el
;; Prints TAP. Needs FIXLOOP (the program) and WORK (an empty folder); run.sh gives both.

(require 'cl-lib)
(require 'flymake)
(require 'eglot)

(defvar check-count 0)
(defvar check-failed 0)
(defconst check-deadline 5 "Seconds for one answer.")

(defun check (good name &optional detail)
  (cl-incf check-count)
  (unless good (cl-incf check-failed))
  (princ (format "%s %d - eglot: %s\n" (if good "ok" "not ok") check-count name))
  (when (and (not good) detail)
    (princ (format "# %S\n" detail)))
  good)

(defun ask (method params)
  (jsonrpc-request (eglot--current-server-or-lose) method params :timeout check-deadline))

(defun here (position)
  (list :textDocument (eglot--TextDocumentIdentifier)
        :position (eglot--pos-to-lsp-position position)))

;; The server answers in order, so what a change led to is there when a later question is answered; what waits
;; for a lockfile to be looked for comes later, up to the deadline.
;; No idle timer fires in batch: what those would do is called.
(defun diagnostics (n)
  (eglot--signal-textDocument/didChange)
  (ask :textDocument/hover (here (point-min)))
  (let ((end (+ (float-time) check-deadline)))
    (flymake-start)
    (while (and (/= (length (flymake-diagnostics)) n) (< (float-time) end))
      (accept-process-output nil 0.01)
      (flymake-start)))
  (flymake-diagnostics))

(defun replace-text (from to)
  (goto-char (point-min))
  (search-forward from)
  (replace-match to t t))

(defun expect-none (name)
  (let ((found (diagnostics 0)))
    (check (null found) name (mapcar #'flymake-diagnostic-text found))))

(defun bare (text)
  (replace-regexp-in-string "[\"=]" "" text))

;; Exactly one, which says what it must, at the version as written.
(defun expect-one (name case)
  (let* ((found (diagnostics 1)) (it (car found)))
    (when (check (= (length found) 1) (concat name ": exactly one diagnostic")
                 (mapcar #'flymake-diagnostic-text found))
      (let ((at (buffer-substring-no-properties (flymake-diagnostic-beg it) (flymake-diagnostic-end it)))
            (text (flymake-diagnostic-text it)))
        (check (equal (bare at) (bare (plist-get case :bad))) (concat name ": it is at the version") at)
        (check (and (string-prefix-p "fixloop [" text)
                    (memq (flymake-diagnostic-type it) '(eglot-error eglot-warning)))
               (concat name ": its source and severity") text)
        (check (and (string-match-p (regexp-quote (plist-get case :package)) text)
                    (string-match-p (regexp-quote (plist-get case :fixed)) text))
               (concat name ": it names the package and the fixed version") text)
        it))))

(defun apply-upgrade (it case)
  (let* ((actions (eglot-code-actions (flymake-diagnostic-beg it) (flymake-diagnostic-end it)))
         (fixed (regexp-quote (plist-get case :fixed)))
         (action (cl-find-if (lambda (each) (string-match-p fixed (plist-get each :title))) actions)))
    (when (check action (format "an action upgrades to %s" (plist-get case :fixed))
                 (mapcar (lambda (each) (plist-get each :title)) actions))
      (eglot--apply-workspace-edit
       (plist-get (if (plist-get action :edit) action (ask :codeAction/resolve action)) :edit)))))

(defun run-case (case)
  (let* ((name (plist-get case :file))
         (file (expand-file-name name (getenv "WORK")))
         (text (plist-get case :text))
         (spool (expand-file-name "spool" (getenv "WORK"))))
    (write-region text nil file nil 'quiet)
    (with-current-buffer (find-file-noselect file)
      (eglot (list major-mode) (eglot--current-project) 'eglot-lsp-server
             (list (getenv "FIXLOOP") "lsp" :initializationOptions (list :spool spool))
             (plist-get case :language))
      (when (check (eglot-current-server) (concat name ": the server starts"))
        (expect-none (concat name ": the fixed version has no diagnostic"))
        (replace-text (plist-get case :good) (plist-get case :bad))
        (expect-one (concat name ": the vulnerable version is typed") case)
        (let ((anchor (plist-get case :anchor)) (broken (concat (plist-get case :broken) "\n")))
          (replace-text anchor (concat broken anchor))
          (let* ((it (expect-one (concat name ": half a line elsewhere") case))
                 (said (and it (format "%S" (ask :textDocument/hover (here (1+ (flymake-diagnostic-beg it))))))))
            (check (and said (string-match-p (plist-get case :package) said)
                        (string-match-p (plist-get case :id) said))
                   "hover names package and advisory" said))
          (replace-text broken ""))
        (let ((it (expect-one (concat name ": the half line is gone") case)))
          (when it
            (apply-upgrade it case)
            (expect-none (concat name ": upgraded, the diagnostic is gone"))
            (check (equal (buffer-string) text) "the upgrade changed the version only" (buffer-string))))
        (eglot-shutdown (eglot-current-server) nil check-deadline))
      (set-buffer-modified-p nil))))

(defconst cases
  '((:file "package.json" :package "lodash" :good "4.17.21" :bad "4.17.15" :fixed "4.17.21"
     :id "GHSA-35jh-r3h4-6jhm" :language "json"
     :anchor "  \"dependencies\"" :broken "  \"scripts\": { \"build\": "
     :text "{\n  \"name\": \"shop\",\n  \"dependencies\": {\n    \"lodash\": \"4.17.21\"\n  }\n}\n")
    (:file "Cargo.toml" :package "regex" :good "=1.5.5" :bad "=1.5.4" :fixed "1.5.5"
     :id "RUSTSEC-2022-0013" :language "toml"
     :anchor "[dependencies]" :broken "edition = \"20"
     :text "[package]\nname = \"shop\"\nversion = \"0.1.0\"\n\n[dependencies]\nregex = \"=1.5.5\"\n")))

(dolist (case cases)
  (condition-case problem
      (run-case case)
    (error (check nil (format "%s ran to its end" (plist-get case :file)) problem))))
(princ (format "1..%d\n" check-count))
(kill-emacs (if (zerop check-failed) 0 1))
