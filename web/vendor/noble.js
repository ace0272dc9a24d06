/*
 * SPDX-License-Identifier: MIT
 * @noble/ed25519 2.3.0 and @noble/hashes 1.8.0, Copyright (c) 2019, 2022 Paul Miller (paulmillr.com): the group of
 * Ed25519, SHA-256 and SHA-512, as one file, shortened by esbuild. README.md tells how to make the same file.
 */
var Wt=Object.defineProperty;var Yt=(e,t,n)=>t in e?Wt(e,t,{enumerable:!0,configurable:!0,writable:!0,value:n}):e[t]=n;var k=(e,t,n)=>Yt(e,typeof t!="symbol"?t+"":t,n);var Pt={p:0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn,n:0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn,
h:8n,a:0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffecn,d:0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
Gx:0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,Gy:0x6666666666666666666666666666666666666666666666666666666666666658n},
{p:A,n:it,Gx:Bt,Gy:mt,a:ft,d:at}=Pt,jt=8n,qt=32,Jt=64,B=(e="")=>{throw new Error(e)},Qt=e=>typeof e=="bigint",Ut=e=>typeof e==
"string",$t=e=>e instanceof Uint8Array||ArrayBuffer.isView(e)&&e.constructor.name==="Uint8Array",W=(e,t)=>!$t(e)||typeof t==
"number"&&t>0&&e.length!==t?B("Uint8Array expected"):e,te=e=>new Uint8Array(e),dt=e=>Uint8Array.from(e),Ct=(e,t)=>e.toString(
16).padStart(t,"0"),Ft=e=>Array.from(W(e)).map(t=>Ct(t,2)).join(""),I={_0:48,_9:57,A:65,F:70,a:97,f:102},Ht=e=>{if(e>=
I._0&&e<=I._9)return e-I._0;if(e>=I.A&&e<=I.F)return e-(I.A-10);if(e>=I.a&&e<=I.f)return e-(I.a-10)},It=e=>{let t="hex\
 invalid";if(!Ut(e))return B(t);let n=e.length,s=n/2;if(n%2)return B(t);let o=te(s);for(let r=0,c=0;r<s;r++,c+=2){let i=Ht(
e.charCodeAt(c)),h=Ht(e.charCodeAt(c+1));if(i===void 0||h===void 0)return B(t);o[r]=i*16+h}return o},ee=(e,t)=>W(Ut(e)?
It(e):dt(W(e)),t);var $=BigInt,v=(e,t,n,s="bad number: out of range")=>Qt(e)&&t<=e&&e<n?e:B(s),a=(e,t=A)=>{let n=e%t;return n>=0n?n:t+n};var ne=(e,t)=>{(e===0n||t<=0n)&&B("no inverse n="+e+" mod="+t);let n=a(e,t),s=t,o=0n,r=1n,c=1n,i=0n;for(;n!==0n;){let h=s/
n,x=s%n,d=o-c*h,f=r-i*h;s=n,n=x,o=c,r=i,c=d,i=f}return s===1n?a(o,t):B("no inverse")};var Et=e=>e instanceof D?e:B("Point expected"),ht=2n**256n,_=class _{constructor(t,n,s,o){k(this,"ex");k(this,"ey");k(
this,"ez");k(this,"et");let r=ht;this.ex=v(t,0n,r),this.ey=v(n,0n,r),this.ez=v(s,1n,r),this.et=v(o,0n,r),Object.freeze(
this)}static fromAffine(t){return new _(t.x,t.y,1n,a(t.x*t.y))}static fromBytes(t,n=!1){let s=at,o=dt(W(t,qt)),r=t[31];
o[31]=r&-129;let c=oe(o);v(c,0n,n?ht:A);let h=a(c*c),x=a(h-1n),d=a(s*h+1n),{isValid:f,value:u}=ce(x,d);f||B("bad point\
: y not sqrt");let l=(u&1n)===1n,p=(r&128)!==0;return!n&&u===0n&&p&&B("bad point: x==0, isLastByteOdd"),p!==l&&(u=a(-u)),
new _(u,c,1n,a(u*c))}assertValidity(){let t=ft,n=at,s=this;if(s.is0())throw new Error("bad point: ZERO");let{ex:o,ey:r,
ez:c,et:i}=s,h=a(o*o),x=a(r*r),d=a(c*c),f=a(d*d),u=a(h*t),l=a(d*a(u+x)),p=a(f+a(n*a(h*x)));if(l!==p)throw new Error("b\
ad point: equation left != right (1)");let y=a(o*r),g=a(c*i);if(y!==g)throw new Error("bad point: equation left != rig\
ht (2)");return this}equals(t){let{ex:n,ey:s,ez:o}=this,{ex:r,ey:c,ez:i}=Et(t),h=a(n*i),x=a(r*o),d=a(s*i),f=a(c*o);return h===
x&&d===f}is0(){return this.equals(N)}negate(){return new _(a(-this.ex),this.ey,this.ez,a(-this.et))}double(){let{ex:t,
ey:n,ez:s}=this,o=ft,r=a(t*t),c=a(n*n),i=a(2n*a(s*s)),h=a(o*r),x=t+n,d=a(a(x*x)-r-c),f=h+c,u=f-i,l=h-c,p=a(d*u),y=a(f*
l),g=a(d*l),H=a(u*f);return new _(p,y,H,g)}add(t){let{ex:n,ey:s,ez:o,et:r}=this,{ex:c,ey:i,ez:h,et:x}=Et(t),d=ft,f=at,
u=a(n*c),l=a(s*i),p=a(r*f*x),y=a(o*h),g=a((n+s)*(c+i)-u-l),H=a(y-p),T=a(y+p),b=a(l-d*u),E=a(g*H),L=a(T*b),K=a(g*b),M=a(
H*T);return new _(E,L,M,K)}multiply(t,n=!0){if(!n&&(t===0n||this.is0()))return N;if(v(t,1n,it),t===1n)return this;if(this.
equals(Y))return ae(t).p;let s=N,o=Y;for(let r=this;t>0n;r=r.double(),t>>=1n)t&1n?s=s.add(r):n&&(o=o.add(r));return s}toAffine(){
let{ex:t,ey:n,ez:s}=this;if(this.equals(N))return{x:0n,y:1n};let o=ne(s,A);return a(s*o)!==1n&&B("invalid inverse"),{x:a(
t*o),y:a(n*o)}}toBytes(){let{x:t,y:n}=this.assertValidity().toAffine(),s=se(n);return s[31]|=t&1n?128:0,s}toHex(){return Ft(
this.toBytes())}clearCofactor(){return this.multiply($(jt),!1)}isSmallOrder(){return this.clearCofactor().is0()}isTorsionFree(){
let t=this.multiply(it/2n,!1).double();return it%2n&&(t=t.add(this)),t.is0()}static fromHex(t,n){return _.fromBytes(ee(
t),n)}get x(){return this.toAffine().x}get y(){return this.toAffine().y}toRawBytes(){return this.toBytes()}};k(_,"BASE"),
k(_,"ZERO");var D=_,Y=new D(Bt,mt,1n,a(Bt*mt)),N=new D(0n,1n,1n,0n);D.BASE=Y;D.ZERO=N;var se=e=>It(Ct(v(e,0n,ht),Jt)).
reverse(),oe=e=>$("0x"+Ft(dt(W(e)).reverse())),S=(e,t)=>{let n=e;for(;t-- >0n;)n*=n,n%=A;return n},re=e=>{let n=e*e%A*
e%A,s=S(n,2n)*n%A,o=S(s,1n)*e%A,r=S(o,5n)*o%A,c=S(r,10n)*r%A,i=S(c,20n)*c%A,h=S(i,40n)*i%A,x=S(h,80n)*h%A,d=S(x,80n)*h%
A,f=S(d,10n)*r%A;return{pow_p_5_8:S(f,2n)*e%A,b2:n}},Lt=0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n,
ce=(e,t)=>{let n=a(t*t*t),s=a(n*n*t),o=re(e*s).pow_p_5_8,r=a(e*n*o),c=a(t*r*r),i=r,h=a(r*Lt),x=c===e,d=c===a(-e),f=c===
a(-e*Lt);return x&&(r=i),(d||f)&&(r=h),(a(r)&1n)===1n&&(r=a(-r)),{isValid:x||d,value:r}};var tt=8,ie=256,Gt=Math.ceil(ie/tt)+1,xt=2**(tt-1),fe=()=>{let e=[],t=Y,n=t;for(let s=0;s<Gt;s++){n=t,e.push(n);for(let o=1;o<
xt;o++)n=n.add(t),e.push(n);t=n.double()}return e},St,_t=(e,t)=>{let n=t.negate();return e?n:t},ae=e=>{let t=St||(St=fe()),
n=N,s=Y,o=2**tt,r=o,c=$(o-1),i=$(tt);for(let h=0;h<Gt;h++){let x=Number(e&c);e>>=i,x>xt&&(x-=r,e+=1n);let d=h*xt,f=d,u=d+
Math.abs(x)-1,l=h%2!==0,p=x<0;x===0?s=s.add(_t(l,t[f])):n=n.add(_t(p,t[u]))}return{p:n,f:s}};function he(e){return e instanceof Uint8Array||ArrayBuffer.isView(e)&&e.constructor.name==="Uint8Array"}function nt(e,...t){if(!he(e))throw new Error("Uint8Array expected");if(t.length>0&&!t.includes(e.length))throw new Error(
"Uint8Array expected of length "+t+", got length="+e.length)}function ut(e,t=!0){if(e.destroyed)throw new Error("Hash instance has been destroyed");if(t&&e.finished)throw new Error(
"Hash#digest() has already been called")}function Tt(e,t){nt(e);let n=t.outputLen;if(e.length<n)throw new Error("diges\
tInto() expects output buffer of length at least "+n)}function Z(...e){for(let t=0;t<e.length;t++)e[t].fill(0)}function st(e){return new DataView(e.buffer,e.byteOffset,e.byteLength)}
function m(e,t){return e<<32-t|e>>>t}function xe(e){if(typeof e!="string")throw new Error("string expected");return new Uint8Array(new TextEncoder().encode(
e))}function lt(e){return typeof e=="string"&&(e=xe(e)),nt(e),e}var et=class{};function bt(e){let t=s=>e().update(lt(s)).digest(),n=e();return t.outputLen=n.outputLen,t.blockLen=n.blockLen,
t.create=()=>e(),t}function de(e,t,n,s){if(typeof e.setBigUint64=="function")return e.setBigUint64(t,n,s);let o=BigInt(32),r=BigInt(4294967295),
c=Number(n>>o&r),i=Number(n&r),h=s?4:0,x=s?0:4;e.setUint32(t+h,c,s),e.setUint32(t+x,i,s)}function Dt(e,t,n){return e&t^
~e&n}function Vt(e,t,n){return e&t^e&n^t&n}var P=class extends et{constructor(t,n,s,o){super(),this.finished=!1,this.length=
0,this.pos=0,this.destroyed=!1,this.blockLen=t,this.outputLen=n,this.padOffset=s,this.isLE=o,this.buffer=new Uint8Array(
t),this.view=st(this.buffer)}update(t){ut(this),t=lt(t),nt(t);let{view:n,buffer:s,blockLen:o}=this,r=t.length;for(let c=0;c<
r;){let i=Math.min(o-this.pos,r-c);if(i===o){let h=st(t);for(;o<=r-c;c+=o)this.process(h,c);continue}s.set(t.subarray(
c,c+i),this.pos),this.pos+=i,c+=i,this.pos===o&&(this.process(n,0),this.pos=0)}return this.length+=t.length,this.roundClean(),
this}digestInto(t){ut(this),Tt(t,this),this.finished=!0;let{buffer:n,view:s,blockLen:o,isLE:r}=this,{pos:c}=this;n[c++]=
128,Z(this.buffer.subarray(c)),this.padOffset>o-c&&(this.process(s,0),c=0);for(let f=c;f<o;f++)n[f]=0;de(s,o-8,BigInt(
this.length*8),r),this.process(s,0);let i=st(t),h=this.outputLen;if(h%4)throw new Error("_sha2: outputLen should be al\
igned to 32bit");let x=h/4,d=this.get();if(x>d.length)throw new Error("_sha2: outputLen bigger than state");for(let f=0;f<
x;f++)i.setUint32(4*f,d[f],r)}digest(){let{buffer:t,outputLen:n}=this;this.digestInto(t);let s=t.slice(0,n);return this.
destroy(),s}_cloneInto(t){t||(t=new this.constructor),t.set(...this.get());let{blockLen:n,buffer:s,length:o,finished:r,
destroyed:c,pos:i}=this;return t.destroyed=c,t.finished=r,t.length=o,t.pos=i,o%n&&t.buffer.set(s),t}clone(){return this.
_cloneInto()}},G=Uint32Array.from([1779033703,3144134277,1013904242,2773480762,1359893119,2600822924,528734635,1541459225]);var w=Uint32Array.from([1779033703,4089235720,3144134277,2227873595,1013904242,4271175723,2773480762,1595750129,1359893119,
2917565137,2600822924,725511199,528734635,4215389547,1541459225,327033209]);var ot=BigInt(4294967295),Ot=BigInt(32);function ue(e,t=!1){return t?{h:Number(e&ot),l:Number(e>>Ot&ot)}:{h:Number(e>>
Ot&ot)|0,l:Number(e&ot)|0}}function Rt(e,t=!1){let n=e.length,s=new Uint32Array(n),o=new Uint32Array(n);for(let r=0;r<
n;r++){let{h:c,l:i}=ue(e[r],t);[s[r],o[r]]=[c,i]}return[s,o]}var pt=(e,t,n)=>e>>>n,yt=(e,t,n)=>e<<32-n|t>>>n,X=(e,t,n)=>e>>>n|t<<32-n,z=(e,t,n)=>e<<32-n|t>>>n,j=(e,t,n)=>e<<64-n|t>>>
n-32,q=(e,t,n)=>e>>>n-32|t<<64-n;function U(e,t,n,s){let o=(t>>>0)+(s>>>0);return{h:e+n+(o/2**32|0)|0,l:o|0}}var kt=(e,t,n)=>(e>>>0)+(t>>>0)+(n>>>0),vt=(e,t,n,s)=>t+
n+s+(e/2**32|0)|0,Zt=(e,t,n,s)=>(e>>>0)+(t>>>0)+(n>>>0)+(s>>>0),Xt=(e,t,n,s,o)=>t+n+s+o+(e/2**32|0)|0,zt=(e,t,n,s,o)=>(e>>>
0)+(t>>>0)+(n>>>0)+(s>>>0)+(o>>>0),Nt=(e,t,n,s,o,r)=>t+n+s+o+r+(e/2**32|0)|0;var be=Uint32Array.from([1116352408,1899447441,3049323471,3921009573,961987163,1508970993,2453635748,2870763221,3624381080,
310598401,607225278,1426881987,1925078388,2162078206,2614888103,3248222580,3835390401,4022224774,264347078,604807628,770255983,
1249150122,1555081692,1996064986,2554220882,2821834349,2952996808,3210313671,3336571891,3584528711,113926993,338241895,
666307205,773529912,1294757372,1396182291,1695183700,1986661051,2177026350,2456956037,2730485921,2820302411,3259730800,
3345764771,3516065817,3600352804,4094571909,275423344,430227734,506948616,659060556,883997877,958139571,1322822218,1537002063,
1747873779,1955562222,2024104815,2227730452,2361852424,2428436474,2756734187,3204031479,3329325298]),V=new Uint32Array(
64),gt=class extends P{constructor(t=32){super(64,t,8,!1),this.A=G[0]|0,this.B=G[1]|0,this.C=G[2]|0,this.D=G[3]|0,this.
E=G[4]|0,this.F=G[5]|0,this.G=G[6]|0,this.H=G[7]|0}get(){let{A:t,B:n,C:s,D:o,E:r,F:c,G:i,H:h}=this;return[t,n,s,o,r,c,
i,h]}set(t,n,s,o,r,c,i,h){this.A=t|0,this.B=n|0,this.C=s|0,this.D=o|0,this.E=r|0,this.F=c|0,this.G=i|0,this.H=h|0}process(t,n){
for(let f=0;f<16;f++,n+=4)V[f]=t.getUint32(n,!1);for(let f=16;f<64;f++){let u=V[f-15],l=V[f-2],p=m(u,7)^m(u,18)^u>>>3,
y=m(l,17)^m(l,19)^l>>>10;V[f]=y+V[f-7]+p+V[f-16]|0}let{A:s,B:o,C:r,D:c,E:i,F:h,G:x,H:d}=this;for(let f=0;f<64;f++){let u=m(
i,6)^m(i,11)^m(i,25),l=d+u+Dt(i,h,x)+be[f]+V[f]|0,y=(m(s,2)^m(s,13)^m(s,22))+Vt(s,o,r)|0;d=x,x=h,h=i,i=c+l|0,c=r,r=o,o=
s,s=l+y|0}s=s+this.A|0,o=o+this.B|0,r=r+this.C|0,c=c+this.D|0,i=i+this.E|0,h=h+this.F|0,x=x+this.G|0,d=d+this.H|0,this.
set(s,o,r,c,i,h,x,d)}roundClean(){Z(V)}destroy(){this.set(0,0,0,0,0,0,0,0),Z(this.buffer)}};var Kt=Rt(["0x428a2f98d728ae22","0x7137449123ef65cd","0xb5c0fbcfec4d3b2f","0xe9b5dba58189dbbc","0x3956c25bf348b538","0\
x59f111f1b605d019","0x923f82a4af194f9b","0xab1c5ed5da6d8118","0xd807aa98a3030242","0x12835b0145706fbe","0x243185be4ee4\
b28c","0x550c7dc3d5ffb4e2","0x72be5d74f27b896f","0x80deb1fe3b1696b1","0x9bdc06a725c71235","0xc19bf174cf692694","0xe49b\
69c19ef14ad2","0xefbe4786384f25e3","0x0fc19dc68b8cd5b5","0x240ca1cc77ac9c65","0x2de92c6f592b0275","0x4a7484aa6ea6e483",
"0x5cb0a9dcbd41fbd4","0x76f988da831153b5","0x983e5152ee66dfab","0xa831c66d2db43210","0xb00327c898fb213f","0xbf597fc7be\
ef0ee4","0xc6e00bf33da88fc2","0xd5a79147930aa725","0x06ca6351e003826f","0x142929670a0e6e70","0x27b70a8546d22ffc","0x2e\
1b21385c26c926","0x4d2c6dfc5ac42aed","0x53380d139d95b3df","0x650a73548baf63de","0x766a0abb3c77b2a8","0x81c2c92e47edaee\
6","0x92722c851482353b","0xa2bfe8a14cf10364","0xa81a664bbc423001","0xc24b8b70d0f89791","0xc76c51a30654be30","0xd192e81\
9d6ef5218","0xd69906245565a910","0xf40e35855771202a","0x106aa07032bbd1b8","0x19a4c116b8d2d0c8","0x1e376c085141ab53","0\
x2748774cdf8eeb99","0x34b0bcb5e19b48a8","0x391c0cb3c5c95a63","0x4ed8aa4ae3418acb","0x5b9cca4f7763e373","0x682e6ff3d6b2\
b8a3","0x748f82ee5defb2fc","0x78a5636f43172f60","0x84c87814a1f0ab72","0x8cc702081a6439ec","0x90befffa23631e28","0xa450\
6cebde82bde9","0xbef9a3f7b2c67915","0xc67178f2e372532b","0xca273eceea26619c","0xd186b8c721c0c207","0xeada7dd6cde0eb1e",
"0xf57d4f7fee6ed178","0x06f067aa72176fba","0x0a637dc5a2c898a6","0x113f9804bef90dae","0x1b710b35131c471b","0x28db77f523\
047d84","0x32caab7b40c72493","0x3c9ebe0a15c9bebc","0x431d67c49c100d4c","0x4cc5d4becb3e42b6","0x597f299cfc657e2a","0x5f\
cb6fab3ad6faec","0x6c44198c4a475817"].map(e=>BigInt(e))),pe=Kt[0],ye=Kt[1],O=new Uint32Array(80),R=new Uint32Array(80),
wt=class extends P{constructor(t=64){super(128,t,16,!1),this.Ah=w[0]|0,this.Al=w[1]|0,this.Bh=w[2]|0,this.Bl=w[3]|0,this.
Ch=w[4]|0,this.Cl=w[5]|0,this.Dh=w[6]|0,this.Dl=w[7]|0,this.Eh=w[8]|0,this.El=w[9]|0,this.Fh=w[10]|0,this.Fl=w[11]|0,this.
Gh=w[12]|0,this.Gl=w[13]|0,this.Hh=w[14]|0,this.Hl=w[15]|0}get(){let{Ah:t,Al:n,Bh:s,Bl:o,Ch:r,Cl:c,Dh:i,Dl:h,Eh:x,El:d,
Fh:f,Fl:u,Gh:l,Gl:p,Hh:y,Hl:g}=this;return[t,n,s,o,r,c,i,h,x,d,f,u,l,p,y,g]}set(t,n,s,o,r,c,i,h,x,d,f,u,l,p,y,g){this.
Ah=t|0,this.Al=n|0,this.Bh=s|0,this.Bl=o|0,this.Ch=r|0,this.Cl=c|0,this.Dh=i|0,this.Dl=h|0,this.Eh=x|0,this.El=d|0,this.
Fh=f|0,this.Fl=u|0,this.Gh=l|0,this.Gl=p|0,this.Hh=y|0,this.Hl=g|0}process(t,n){for(let b=0;b<16;b++,n+=4)O[b]=t.getUint32(
n),R[b]=t.getUint32(n+=4);for(let b=16;b<80;b++){let E=O[b-15]|0,L=R[b-15]|0,K=X(E,L,1)^X(E,L,8)^pt(E,L,7),M=z(E,L,1)^
z(E,L,8)^yt(E,L,7),C=O[b-2]|0,F=R[b-2]|0,J=X(C,F,19)^j(C,F,61)^pt(C,F,6),rt=z(C,F,19)^q(C,F,61)^yt(C,F,6),Q=Zt(M,rt,R[b-
7],R[b-16]),ct=Xt(Q,K,J,O[b-7],O[b-16]);O[b]=ct|0,R[b]=Q|0}let{Ah:s,Al:o,Bh:r,Bl:c,Ch:i,Cl:h,Dh:x,Dl:d,Eh:f,El:u,Fh:l,
Fl:p,Gh:y,Gl:g,Hh:H,Hl:T}=this;for(let b=0;b<80;b++){let E=X(f,u,14)^X(f,u,18)^j(f,u,41),L=z(f,u,14)^z(f,u,18)^q(f,u,41),
K=f&l^~f&y,M=u&p^~u&g,C=zt(T,L,M,ye[b],R[b]),F=Nt(C,H,E,K,pe[b],O[b]),J=C|0,rt=X(s,o,28)^j(s,o,34)^j(s,o,39),Q=z(s,o,28)^
q(s,o,34)^q(s,o,39),ct=s&r^s&i^r&i,Mt=o&c^o&h^c&h;H=y|0,T=g|0,y=l|0,g=p|0,l=f|0,p=u|0,{h:f,l:u}=U(x|0,d|0,F|0,J|0),x=i|
0,d=h|0,i=r|0,h=c|0,r=s|0,c=o|0;let At=kt(J,Q,Mt);s=vt(At,F,rt,ct),o=At|0}({h:s,l:o}=U(this.Ah|0,this.Al|0,s|0,o|0)),{
h:r,l:c}=U(this.Bh|0,this.Bl|0,r|0,c|0),{h:i,l:h}=U(this.Ch|0,this.Cl|0,i|0,h|0),{h:x,l:d}=U(this.Dh|0,this.Dl|0,x|0,d|
0),{h:f,l:u}=U(this.Eh|0,this.El|0,f|0,u|0),{h:l,l:p}=U(this.Fh|0,this.Fl|0,l|0,p|0),{h:y,l:g}=U(this.Gh|0,this.Gl|0,y|
0,g|0),{h:H,l:T}=U(this.Hh|0,this.Hl|0,H|0,T|0),this.set(s,o,r,c,i,h,x,d,f,u,l,p,y,g,H,T)}roundClean(){Z(O,R)}destroy(){
Z(this.buffer),this.set(0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0)}};var ge=bt(()=>new gt);var we=bt(()=>new wt);export{D as Point,ge as sha256,we as sha512};
