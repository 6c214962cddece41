// Passkeys: what the server asks goes to the browser, what the browser signs goes back. Bytes travel as base64url.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const token = () => document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? document.querySelector('meta[name="csrf-token"], [data-csrf]')?.content;

  async function send(url, body) {
    const csrf = document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ?? token();
    const response = await fetch(url, {
      method: "POST", credentials: "same-origin", redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf }, body: JSON.stringify(body),
    });
    if (response.type === "opaqueredirect") { location.reload(); throw new Error("页面等待太久，请再试一次"); }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(answer.error ?? "没有成功，请再试一次");
    return answer;
  }

  const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));

  async function create(asked) {
    const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: known(asked.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey });
    const { clientDataJSON, attestationObject } = made.response;
    return {
      response: { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject), transports: made.response.getTransports?.() ?? [] },
      ...plain(made),
    };
  }

  async function get(asked) {
    const signed = await navigator.credentials.get({ publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials) } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = signed.response;
    return {
      response: { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature), userHandle: userHandle ? text(userHandle) : null },
      ...plain(signed),
    };
  }

  const plain = (credential) => ({
    id: credential.id, rawId: text(credential.rawId), type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment, clientExtensionResults: credential.getClientExtensionResults(),
  });

  // Cancelled, timed out, or enrolled on this device already: the browser gives a name, the person a sentence.
  const SAID = { __proto__: null, NotAllowedError: "已取消，或者没有通过", InvalidStateError: "这台设备已经添加过", SecurityError: "这个地址不能使用通行密钥" };

  async function run(part) {
    const words = part.querySelector("[role=alert]");
    words.hidden = true;
    try {
      if (!window.PublicKeyCredential) throw new Error("这个浏览器不支持通行密钥，请用手机动态码");
      const asked = await send(part.dataset.ask, {});
      const answer = part.dataset.passkey === "create" ? await create(asked) : await get(asked);
      const name = part.querySelector("input[name=name]")?.value;
      const done = await send(part.dataset.done, name === undefined ? answer : { ...answer, name });
      location.assign(done.next);
    } catch (error) {
      words.textContent = SAID[error.name] ?? error.message;
      words.hidden = false;
    }
  }

  for (const part of document.querySelectorAll("[data-passkey]")) {
    if (part instanceof HTMLFormElement) part.addEventListener("submit", (event) => { event.preventDefault(); run(part); });
    else part.querySelector("button").addEventListener("click", () => run(part));
  }
})();
