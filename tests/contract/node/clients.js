// Asks with both clients; prints what they made of the answers, as JSON.
'use strict';
const Perspective = require('perspective-api-client');
const {Client} = require('@conversationai/perspectiveapi-js-client');

const rude = 'You are an idiot and a liar.';
const told = promise => promise.then(value => ({value}), error => ({error: error.message, name: error.name}));

async function main() {
  const first = new Perspective({apiKey: 'any'});
  const second = new Client('any');
  const found = {
    plain: await told(first.analyze(rude)),
    html: await told(first.analyze(`<b>${rude}</b>`, {attributes: ['toxicity', 'insult']})),
    full: await told(first.analyze({
      comment: {text: rude},
      requestedAttributes: {'TOXICITY@6': {scoreThreshold: 0.1}, THREAT: {scoreThreshold: 0.99}},
      languages: ['en'],
      clientToken: 'mine',
    })),
    language: await told(first.analyze({comment: {text: rude}, languages: ['om']})),
    unknown: await told(first.analyze(rude, {attributes: ['CHARM']})),
    scores: await told(second.getScores(rude, {attributes: ['TOXICITY', 'INSULT']})),
    defaults: await told(second.getScores(rude)),
    context: await told(second.getScores('I agree, the ferry should be kept.', {
      attributes: ['STANCE_AGREE'],
      context: {entries: [{text: 'The ferry should be kept. It has served the islands well.'}]},
    })),
  };
  process.stdout.write(JSON.stringify(found));
}

main();
