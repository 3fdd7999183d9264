-- Each request is another person's: `TOKENS` is a file of session tokens, one a line; `START` how many requests went
-- before; `BODY` the form, where @value@ is 1 or -1 by turns of all people, and @number@ grows.
local tokens, sent, form = {}, 0, ""

init = function(args)
   for line in io.lines(args[1]) do
      tokens[#tokens + 1] = line
   end
   sent, form = tonumber(args[2]), args[3]
end

request = function()
   local turn = math.floor(sent / #tokens)
   wrk.headers["Cookie"] = "codesign=" .. tokens[sent % #tokens + 1]
   local body = form:gsub("@value@", turn % 2 == 0 and "1" or "-1"):gsub("@number@", tostring(sent))
   sent = sent + 1
   return wrk.format("POST", nil, nil, body)
end

dofile(debug.getinfo(1, "S").source:sub(2):gsub("[^/]*$", "") .. "report.lua")
