// Loaded before a client: its fixed host is a server on this machine, as an
// entry in /etc/hosts and a redirected port would make it. The client itself
// is as its authors published it. No other name can be reached.
'use strict';
const dns = require('dns');
const tls = require('tls');

const HOST = 'commentanalyzer.googleapis.com';
const connect = tls.connect;

tls.connect = function (options, ...rest) {
  if (options.host !== HOST) throw new Error(`${options.host} is not to be reached`);
  const local = {...options, host: '127.0.0.1', port: Number(process.env.PORT), servername: HOST};
  return connect.call(this, local, ...rest);
};
dns.lookup = (name, ...rest) => rest.pop()(new Error(`${name} is not to be looked up`));
