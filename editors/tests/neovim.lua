-- The language server in a real Neovim, 0.7 or later: nvim --headless -u NONE -i NONE -n -S neovim.lua
-- Prints TAP. Needs FIXLOOP (the program) and WORK (an empty folder); run.sh gives both.

local PROGRAM, WORK = os.getenv('FIXLOOP'), os.getenv('WORK')
local DEADLINE = 5000

local count, failed = 0, 0

local function check(good, name, detail)
  count = count + 1
  if not good then
    failed = failed + 1
  end
  io.stdout:write(string.format('%s %d - neovim: %s\n', good and 'ok' or 'not ok', count, name))
  if not good and detail ~= nil then
    io.stdout:write('# ' .. vim.inspect(detail):gsub('\n', '\n# ') .. '\n')
  end
  return good
end

local function ask(method, params)
  local answers, problem = vim.lsp.buf_request_sync(0, method, params, DEADLINE)
  if answers == nil then
    error(method .. ': ' .. tostring(problem))
  end
  for _, answer in pairs(answers) do
    if answer.error then
      error(method .. ': ' .. vim.inspect(answer.error))
    end
    return answer.result
  end
end

local function hover(line, column)
  local here = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = column } }
  return ask('textDocument/hover', here)
end

-- The server answers in order, so what a change led to is there when a later question is answered; what waits for a lockfile to be
-- looked for comes later, up to the deadline.
local function diagnostics(n)
  hover(0, 0)
  vim.wait(DEADLINE, function() return #vim.diagnostic.get(0) == n end, 5)
  return vim.diagnostic.get(0)
end

local function expect_none(name)
  local found = diagnostics(0)
  check(#found == 0, name, found)
end

-- Exactly one, which says what it must, at the version as written.
local function expect_one(name, case)
  local found = diagnostics(1)
  if not check(#found == 1, name .. ': exactly one diagnostic', found) then
    return nil
  end
  local it = found[1]
  local text = vim.api.nvim_buf_get_text(0, it.lnum, it.col, it.end_lnum, it.end_col, {})
  check(#text == 1 and text[1]:gsub('["=]', '') == case.bad:gsub('=', ''), name .. ': it is at the version', text)
  check(it.source == 'fixloop' and it.severity <= vim.diagnostic.severity.WARN, name .. ': its source and severity', it)
  local says = it.message:find(case.package, 1, true) and it.message:find(case.fixed, 1, true)
  check(says, name .. ': it names the package and the fixed version', it.message)
  return it
end

-- Goes to the first place of this text and types: insert mode, as a person does.
local function type_at(pattern, keys)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  if vim.fn.search('\\V' .. pattern, 'cW') == 0 then
    error('not in the buffer: ' .. pattern)
  end
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys .. '<Esc>', true, false, true), 'xt', false)
end

local function apply_upgrade(it, case, encoding)
  local range = {
    start = { line = it.lnum, character = it.col },
    ['end'] = { line = it.end_lnum, character = it.end_col },
  }
  local context = { diagnostics = { it.user_data.lsp and it.user_data.lsp.diagnostic or nil } }
  local here = { textDocument = vim.lsp.util.make_text_document_params(), range = range, context = context }
  local actions = ask('textDocument/codeAction', here) or {}
  local titles = vim.tbl_map(function(action) return action.title end, actions)
  for _, action in ipairs(actions) do
    if action.title:find(case.fixed, 1, true) then
      check(true, 'an action upgrades to ' .. case.fixed)
      if not action.edit then
        action = ask('codeAction/resolve', action)
      end
      vim.lsp.util.apply_workspace_edit(action.edit, encoding)
      return
    end
  end
  check(false, 'an action upgrades to ' .. case.fixed, titles)
end

-- Counts every publication that takes the alert away.
local function watch_gaps()
  local gaps = { n = 0 }
  gaps.group = vim.api.nvim_create_augroup('gaps', {})
  vim.api.nvim_create_autocmd('DiagnosticChanged', {
    group = gaps.group,
    callback = function()
      if #vim.diagnostic.get(0) ~= 1 then
        gaps.n = gaps.n + 1
      end
    end,
  })
  return gaps
end

local function run(case)
  local file = WORK .. '/' .. case.file
  vim.fn.writefile(case.lines, file)
  vim.cmd('edit! ' .. vim.fn.fnameescape(file))
  local id = vim.lsp.start_client({
    name = 'fixloop',
    cmd = { PROGRAM, 'lsp' },
    root_dir = WORK,
    init_options = { spool = WORK .. '/spool' },
    flags = { debounce_text_changes = 0 },
  })
  vim.lsp.buf_attach_client(0, id)
  local ready = vim.wait(DEADLINE, function()
    local client = vim.lsp.get_client_by_id(id)
    return client ~= nil and client.initialized
  end, 5)
  if not check(ready, case.file .. ': the server starts') then
    return
  end
  local client = vim.lsp.get_client_by_id(id)

  expect_none(case.file .. ': the fixed version has no diagnostic')

  type_at(case.good, 'ct"' .. case.bad)
  expect_one(case.file .. ': the vulnerable version is typed', case)

  local gaps = watch_gaps()
  type_at(case.anchor, 'O' .. case.broken)
  local it = expect_one(case.file .. ': half a line elsewhere', case)
  check(gaps.n == 0, case.file .. ': the alert never went away in between', gaps)
  vim.api.nvim_del_augroup_by_id(gaps.group)

  if it then
    local contents = hover(it.lnum, it.col + 1)
    local said = contents and vim.inspect(contents) or ''
    check(said:find(case.package, 1, true) and said:find(case.id, 1, true), 'hover names package and advisory', said)
  end

  type_at(case.broken, 'dd')
  it = expect_one(case.file .. ': the half line is gone', case)
  if it then
    apply_upgrade(it, case, client.offset_encoding)
    expect_none(case.file .. ': upgraded, the diagnostic is gone')
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n')
    check(text == table.concat(case.lines, '\n'), 'the upgrade changed the version only', text)
  end

  vim.lsp.stop_client(id)
  check(vim.wait(DEADLINE, function() return client.is_stopped() end, 5), case.file .. ': the server ends when asked to')
  vim.cmd('bwipeout!')
end

local CASES = {
  {
    file = 'package.json', package = 'lodash', good = '4.17.21', bad = '4.17.15', fixed = '4.17.21',
    id = 'GHSA-35jh-r3h4-6jhm', anchor = '"dependencies"', broken = '  "scripts": { "build": ',
    lines = { '{', '  "name": "shop",', '  "dependencies": {', '    "lodash": "4.17.21"', '  }', '}' },
  },
  {
    file = 'Cargo.toml', package = 'regex', good = '=1.5.5', bad = '=1.5.4', fixed = '1.5.5',
    id = 'RUSTSEC-2022-0013', anchor = '[dependencies]', broken = 'edition = "20',
    lines = { '[package]', 'name = "shop"', 'version = "0.1.0"', '', '[dependencies]', 'regex = "=1.5.5"' },
  },
}

for _, case in ipairs(CASES) do
  local good, problem = pcall(run, case)
  if not good then
    check(false, case.file .. ' ran to its end', problem)
  end
end
io.stdout:write(string.format('1..%d\n', count))
vim.cmd(failed == 0 and 'qall!' or 'cquit 1')
