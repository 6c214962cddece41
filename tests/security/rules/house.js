// ruleid: script-trusts-words
node.innerHTML = words;
// ruleid: script-trusts-words
node.insertAdjacentHTML("beforeend", words);
// ruleid: script-trusts-words
eval(words);
// ok: script-trusts-words
node.textContent = words;
