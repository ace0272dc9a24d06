/*
 * SPDX-License-Identifier: MIT
 * @noble/ed25519 2.3.0, @noble/secp256k1 2.3.0 and @noble/hashes 1.8.0, Copyright (c) 2019, 2022 Paul Miller
 * (paulmillr.com): the groups of Ed25519 and secp256k1, SHA-256 and SHA-512, as one file, shortened by esbuild. README.md
 * tells how to make the same file.
 */
var Ce=Object.defineProperty;var Te=(e,t,n)=>t in e?Ce(e,t,{enumerable:!0,configurable:!0,writable:!0,value:n}):e[t]=n;var S=(e,t,n)=>Te(e,typeof t!="symbol"?t+"":t,n);var Fe={p:0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn,n:0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn,
h:8n,a:0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffecn,d:0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
Gx:0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an,Gy:0x6666666666666666666666666666666666666666666666666666666666666658n},
{p:H,n:Bt,Gx:kt,Gy:Dt,a:At,d:Ht}=Fe,Ge=8n,Ve=32,Ie=64,L=(e="")=>{throw new Error(e)},ze=e=>typeof e=="bigint",Xt=e=>typeof e==
"string",Re=e=>e instanceof Uint8Array||ArrayBuffer.isView(e)&&e.constructor.name==="Uint8Array",tt=(e,t)=>!Re(e)||typeof t==
"number"&&t>0&&e.length!==t?L("Uint8Array expected"):e,ke=e=>new Uint8Array(e),Lt=e=>Uint8Array.from(e),Yt=(e,t)=>e.toString(
16).padStart(t,"0"),Mt=e=>Array.from(tt(e)).map(t=>Yt(t,2)).join(""),z={_0:48,_9:57,A:65,F:70,a:97,f:102},Zt=e=>{if(e>=
z._0&&e<=z._9)return e-z._0;if(e>=z.A&&e<=z.F)return e-(z.A-10);if(e>=z.a&&e<=z.f)return e-(z.a-10)},qt=e=>{let t="hex\
 invalid";if(!Xt(e))return L(t);let n=e.length,s=n/2;if(n%2)return L(t);let o=ke(s);for(let r=0,c=0;r<s;r++,c+=2){let i=Zt(
e.charCodeAt(c)),f=Zt(e.charCodeAt(c+1));if(i===void 0||f===void 0)return L(t);o[r]=i*16+f}return o},De=(e,t)=>tt(Xt(e)?
qt(e):Lt(tt(e)),t);var at=BigInt,K=(e,t,n,s="bad number: out of range")=>ze(e)&&t<=e&&e<n?e:L(s),u=(e,t=H)=>{let n=e%t;return n>=0n?n:t+n};var Ze=(e,t)=>{(e===0n||t<=0n)&&L("no inverse n="+e+" mod="+t);let n=u(e,t),s=t,o=0n,r=1n,c=1n,i=0n;for(;n!==0n;){let f=s/
n,l=s%n,h=o-c*f,a=r-i*f;s=n,n=l,o=c,r=i,c=h,i=a}return s===1n?u(o,t):L("no inverse")};var Ot=e=>e instanceof D?e:L("Point expected"),St=2n**256n,T=class T{constructor(t,n,s,o){S(this,"ex");S(this,"ey");S(
this,"ez");S(this,"et");let r=St;this.ex=K(t,0n,r),this.ey=K(n,0n,r),this.ez=K(s,1n,r),this.et=K(o,0n,r),Object.freeze(
this)}static fromAffine(t){return new T(t.x,t.y,1n,u(t.x*t.y))}static fromBytes(t,n=!1){let s=Ht,o=Lt(tt(t,Ve)),r=t[31];
o[31]=r&-129;let c=Pe(o);K(c,0n,n?St:H);let f=u(c*c),l=u(f-1n),h=u(s*f+1n),{isValid:a,value:d}=Ke(l,h);a||L("bad point\
: y not sqrt");let y=(d&1n)===1n,b=(r&128)!==0;return!n&&d===0n&&b&&L("bad point: x==0, isLastByteOdd"),b!==y&&(d=u(-d)),
new T(d,c,1n,u(d*c))}assertValidity(){let t=At,n=Ht,s=this;if(s.is0())throw new Error("bad point: ZERO");let{ex:o,ey:r,
ez:c,et:i}=s,f=u(o*o),l=u(r*r),h=u(c*c),a=u(h*h),d=u(f*t),y=u(h*u(d+l)),b=u(a+u(n*u(f*l)));if(y!==b)throw new Error("b\
ad point: equation left != right (1)");let m=u(o*r),g=u(c*i);if(m!==g)throw new Error("bad point: equation left != rig\
ht (2)");return this}equals(t){let{ex:n,ey:s,ez:o}=this,{ex:r,ey:c,ez:i}=Ot(t),f=u(n*i),l=u(r*o),h=u(s*i),a=u(c*o);return f===
l&&h===a}is0(){return this.equals(W)}negate(){return new T(u(-this.ex),this.ey,this.ez,u(-this.et))}double(){let{ex:t,
ey:n,ez:s}=this,o=At,r=u(t*t),c=u(n*n),i=u(2n*u(s*s)),f=u(o*r),l=t+n,h=u(u(l*l)-r-c),a=f+c,d=a-i,y=f-c,b=u(h*d),m=u(a*
y),g=u(h*y),B=u(d*a);return new T(b,m,B,g)}add(t){let{ex:n,ey:s,ez:o,et:r}=this,{ex:c,ey:i,ez:f,et:l}=Ot(t),h=At,a=Ht,
d=u(n*c),y=u(s*i),b=u(r*a*l),m=u(o*f),g=u((n+s)*(c+i)-d-y),B=u(m-b),w=u(m+b),p=u(y-h*d),U=u(g*B),_=u(w*p),Q=u(g*p),$=u(
B*w);return new T(U,_,$,Q)}multiply(t,n=!0){if(!n&&(t===0n||this.is0()))return W;if(K(t,1n,Bt),t===1n)return this;if(this.
equals(et))return Me(t).p;let s=W,o=et;for(let r=this;t>0n;r=r.double(),t>>=1n)t&1n?s=s.add(r):n&&(o=o.add(r));return s}toAffine(){
let{ex:t,ey:n,ez:s}=this;if(this.equals(W))return{x:0n,y:1n};let o=Ze(s,H);return u(s*o)!==1n&&L("invalid inverse"),{x:u(
t*o),y:u(n*o)}}toBytes(){let{x:t,y:n}=this.assertValidity().toAffine(),s=Oe(n);return s[31]|=t&1n?128:0,s}toHex(){return Mt(
this.toBytes())}clearCofactor(){return this.multiply(at(Ge),!1)}isSmallOrder(){return this.clearCofactor().is0()}isTorsionFree(){
let t=this.multiply(Bt/2n,!1).double();return Bt%2n&&(t=t.add(this)),t.is0()}static fromHex(t,n){return T.fromBytes(De(
t),n)}get x(){return this.toAffine().x}get y(){return this.toAffine().y}toRawBytes(){return this.toBytes()}};S(T,"BASE"),
S(T,"ZERO");var D=T,et=new D(kt,Dt,1n,u(kt*Dt)),W=new D(0n,1n,1n,0n);D.BASE=et;D.ZERO=W;var Oe=e=>qt(Yt(K(e,0n,St),Ie)).
reverse(),Pe=e=>at("0x"+Mt(Lt(tt(e)).reverse())),C=(e,t)=>{let n=e;for(;t-- >0n;)n*=n,n%=H;return n},Ne=e=>{let n=e*e%
H*e%H,s=C(n,2n)*n%H,o=C(s,1n)*e%H,r=C(o,5n)*o%H,c=C(r,10n)*r%H,i=C(c,20n)*c%H,f=C(i,40n)*i%H,l=C(f,80n)*f%H,h=C(l,80n)*
f%H,a=C(h,10n)*r%H;return{pow_p_5_8:C(a,2n)*e%H,b2:n}},Pt=0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n,
Ke=(e,t)=>{let n=u(t*t*t),s=u(n*n*t),o=Ne(e*s).pow_p_5_8,r=u(e*n*o),c=u(t*r*r),i=r,f=u(r*Pt),l=c===e,h=c===u(-e),a=c===
u(-e*Pt);return l&&(r=i),(h||a)&&(r=f),(u(r)&1n)===1n&&(r=u(-r)),{isValid:l||h,value:r}};var ht=8,Xe=256,jt=Math.ceil(Xe/ht)+1,Et=2**(ht-1),Ye=()=>{let e=[],t=et,n=t;for(let s=0;s<jt;s++){n=t,e.push(n);for(let o=1;o<
Et;o++)n=n.add(t),e.push(n);t=n.double()}return e},Nt,Kt=(e,t)=>{let n=t.negate();return e?n:t},Me=e=>{let t=Nt||(Nt=Ye()),
n=W,s=et,o=2**ht,r=o,c=at(o-1),i=at(ht);for(let f=0;f<jt;f++){let l=Number(e&c);e>>=i,l>Et&&(l-=r,e+=1n);let h=f*Et,a=h,
d=h+Math.abs(l)-1,y=f%2!==0,b=l<0;l===0?s=s.add(Kt(y,t[a])):n=n.add(Kt(b,t[d]))}return{p:n,f:s}};var qe={p:0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,n:0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
h:1n,a:0n,b:7n,Gx:0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,Gy:0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n},
{p:Y,n:oe,Gx:je,Gy:We,b:re}=qe,ut=32,vt=64,E=(e="")=>{throw new Error(e)},ce=e=>typeof e=="bigint",ie=e=>typeof e=="st\
ring",Je=e=>e instanceof Uint8Array||ArrayBuffer.isView(e)&&e.constructor.name==="Uint8Array",nt=(e,t)=>!Je(e)||typeof t==
"number"&&t>0&&e.length!==t?E("Uint8Array expected"):e,fe=e=>new Uint8Array(e),Qe=e=>Uint8Array.from(e),ae=(e,t)=>e.toString(
16).padStart(t,"0"),he=e=>Array.from(nt(e)).map(t=>ae(t,2)).join(""),R={_0:48,_9:57,A:65,F:70,a:97,f:102},Wt=e=>{if(e>=
R._0&&e<=R._9)return e-R._0;if(e>=R.A&&e<=R.F)return e-(R.A-10);if(e>=R.a&&e<=R.f)return e-(R.a-10)},ue=e=>{let t="hex\
 invalid";if(!ie(e))return E(t);let n=e.length,s=n/2;if(n%2)return E(t);let o=fe(s);for(let r=0,c=0;r<s;r++,c+=2){let i=Wt(
e.charCodeAt(c)),f=Wt(e.charCodeAt(c+1));if(i===void 0||f===void 0)return E(t);o[r]=i*16+f}return o},le=(e,t)=>nt(ie(e)?
ue(e):Qe(nt(e)),t);var Jt=(...e)=>{let t=fe(e.reduce((s,o)=>s+nt(o).length,0)),n=0;return e.forEach(s=>{t.set(s,n),n+=s.length}),t};var dt=BigInt,st=(e,t,n,s="bad number: out of range")=>ce(e)&&t<=e&&e<n?e:E(s),x=(e,t=Y)=>{let n=e%t;return n>=0n?n:t+
n};var $e=(e,t)=>{(e===0n||t<=0n)&&E("no inverse n="+e+" mod="+t);let n=x(e,t),s=t,o=0n,r=1n,c=1n,i=0n;for(;n!==0n;){let f=s/
n,l=s%n,h=o-c*f,a=r-i*f;s=n,n=l,o=c,r=i,c=h,i=a}return s===1n?x(o,t):E("no inverse")};var Qt=e=>e instanceof Z?e:E("Point expected"),de=e=>x(x(e*e)*e+re),$t=e=>st(e,0n,Y),lt=e=>st(e,1n,Y),tn=e=>st(e,1n,oe),
Ut=e=>(e&1n)===0n,xe=e=>Uint8Array.of(e),en=e=>xe(Ut(e)?2:3),nn=e=>{let t=de(lt(e)),n=1n;for(let s=t,o=(Y+1n)/4n;o>0n;o>>=
1n)o&1n&&(n=n*s%Y),s=s*s%Y;return x(n*n)===t?n:E("sqrt invalid")},F=class F{constructor(t,n,s){S(this,"px");S(this,"py");
S(this,"pz");this.px=$t(t),this.py=lt(n),this.pz=$t(s),Object.freeze(this)}static fromBytes(t){nt(t);let n,s=t[0],o=t.
subarray(1),r=te(o,0,ut),c=t.length;if(c===ut+1&&[2,3].includes(s)){let i=nn(r),f=Ut(i);Ut(dt(s))!==f&&(i=x(-i)),n=new F(
r,i,1n)}return c===vt+1&&s===4&&(n=new F(r,te(o,ut,vt),1n)),n?n.assertValidity():E("bad point: not on curve")}equals(t){
let{px:n,py:s,pz:o}=this,{px:r,py:c,pz:i}=Qt(t),f=x(n*i),l=x(r*o),h=x(s*i),a=x(c*o);return f===l&&h===a}is0(){return this.
equals(X)}negate(){return new F(this.px,x(-this.py),this.pz)}double(){return this.add(this)}add(t){let{px:n,py:s,pz:o}=this,
{px:r,py:c,pz:i}=Qt(t),f=0n,l=re,h=0n,a=0n,d=0n,y=x(l*3n),b=x(n*r),m=x(s*c),g=x(o*i),B=x(n+s),w=x(r+c);B=x(B*w),w=x(b+
m),B=x(B-w),w=x(n+o);let p=x(r+i);return w=x(w*p),p=x(b+g),w=x(w-p),p=x(s+o),h=x(c+i),p=x(p*h),h=x(m+g),p=x(p-h),d=x(f*
w),h=x(y*g),d=x(h+d),h=x(m-d),d=x(m+d),a=x(h*d),m=x(b+b),m=x(m+b),g=x(f*g),w=x(y*w),m=x(m+g),g=x(b-g),g=x(f*g),w=x(w+g),
b=x(m*w),a=x(a+b),b=x(p*w),h=x(B*h),h=x(h-b),b=x(B*m),d=x(p*d),d=x(d+b),new F(h,a,d)}multiply(t,n=!0){if(!n&&t===0n)return X;
if(tn(t),t===1n)return this;if(this.equals(J))return fn(t).p;let s=X,o=J;for(let r=this;t>0n;r=r.double(),t>>=1n)t&1n?
s=s.add(r):n&&(o=o.add(r));return s}toAffine(){let{px:t,py:n,pz:s}=this;if(this.equals(X))return{x:0n,y:0n};if(s===1n)
return{x:t,y:n};let o=$e(s,Y);return x(s*o)!==1n&&E("inverse invalid"),{x:x(t*o),y:x(n*o)}}assertValidity(){let{x:t,y:n}=this.
toAffine();return lt(t),lt(n),x(n*n)===de(t)?this:E("bad point: not on curve")}toBytes(t=!0){let{x:n,y:s}=this.assertValidity().
toAffine(),o=ee(n);return t?Jt(en(s),o):Jt(xe(4),o,ee(s))}static fromAffine(t){let{x:n,y:s}=t;return n===0n&&s===0n?X:
new F(n,s,1n)}toHex(t){return he(this.toBytes(t))}static fromPrivateKey(t){return J.multiply(on(t))}static fromHex(t){
return F.fromBytes(le(t))}get x(){return this.toAffine().x}get y(){return this.toAffine().y}toRawBytes(t){return this.
toBytes(t)}};S(F,"BASE"),S(F,"ZERO");var Z=F,J=new Z(je,We,1n),X=new Z(0n,1n,0n);Z.BASE=J;Z.ZERO=X;var be=e=>dt("0x"+(he(e)||"0")),te=(e,t,n)=>be(e.subarray(t,n)),sn=2n**256n,ee=e=>ue(ae(st(e,0n,sn),vt)),on=e=>{let t=ce(
e)?e:be(le(e,ut));return st(t,1n,oe,"private key invalid 3")};var xt=8,rn=256,pe=Math.ceil(rn/xt)+1,_t=2**(xt-1),cn=()=>{let e=[],t=J,n=t;for(let s=0;s<pe;s++){n=t,e.push(n);for(let o=1;o<
_t;o++)n=n.add(t),e.push(n);t=n.double()}return e},ne,se=(e,t)=>{let n=t.negate();return e?n:t},fn=e=>{let t=ne||(ne=cn()),
n=X,s=J,o=2**xt,r=o,c=dt(o-1),i=dt(xt);for(let f=0;f<pe;f++){let l=Number(e&c);e>>=i,l>_t&&(l-=r,e+=1n);let h=f*_t,a=h,
d=h+Math.abs(l)-1,y=f%2!==0,b=l<0;l===0?s=s.add(se(y,t[a])):n=n.add(se(b,t[d]))}return{p:n,f:s}};function an(e){return e instanceof Uint8Array||ArrayBuffer.isView(e)&&e.constructor.name==="Uint8Array"}function pt(e,...t){if(!an(e))throw new Error("Uint8Array expected");if(t.length>0&&!t.includes(e.length))throw new Error(
"Uint8Array expected of length "+t+", got length="+e.length)}function Ct(e,t=!0){if(e.destroyed)throw new Error("Hash instance has been destroyed");if(t&&e.finished)throw new Error(
"Hash#digest() has already been called")}function ye(e,t){pt(e);let n=t.outputLen;if(e.length<n)throw new Error("diges\
tInto() expects output buffer of length at least "+n)}function M(...e){for(let t=0;t<e.length;t++)e[t].fill(0)}function yt(e){return new DataView(e.buffer,e.byteOffset,e.byteLength)}
function v(e,t){return e<<32-t|e>>>t}function hn(e){if(typeof e!="string")throw new Error("string expected");return new Uint8Array(new TextEncoder().encode(
e))}function Tt(e){return typeof e=="string"&&(e=hn(e)),pt(e),e}var bt=class{};function Ft(e){let t=s=>e().update(Tt(s)).digest(),n=e();return t.outputLen=n.outputLen,t.blockLen=n.blockLen,
t.create=()=>e(),t}function un(e,t,n,s){if(typeof e.setBigUint64=="function")return e.setBigUint64(t,n,s);let o=BigInt(32),r=BigInt(4294967295),
c=Number(n>>o&r),i=Number(n&r),f=s?4:0,l=s?0:4;e.setUint32(t+f,c,s),e.setUint32(t+l,i,s)}function me(e,t,n){return e&t^
~e&n}function ge(e,t,n){return e&t^e&n^t&n}var ot=class extends bt{constructor(t,n,s,o){super(),this.finished=!1,this.
length=0,this.pos=0,this.destroyed=!1,this.blockLen=t,this.outputLen=n,this.padOffset=s,this.isLE=o,this.buffer=new Uint8Array(
t),this.view=yt(this.buffer)}update(t){Ct(this),t=Tt(t),pt(t);let{view:n,buffer:s,blockLen:o}=this,r=t.length;for(let c=0;c<
r;){let i=Math.min(o-this.pos,r-c);if(i===o){let f=yt(t);for(;o<=r-c;c+=o)this.process(f,c);continue}s.set(t.subarray(
c,c+i),this.pos),this.pos+=i,c+=i,this.pos===o&&(this.process(n,0),this.pos=0)}return this.length+=t.length,this.roundClean(),
this}digestInto(t){Ct(this),ye(t,this),this.finished=!0;let{buffer:n,view:s,blockLen:o,isLE:r}=this,{pos:c}=this;n[c++]=
128,M(this.buffer.subarray(c)),this.padOffset>o-c&&(this.process(s,0),c=0);for(let a=c;a<o;a++)n[a]=0;un(s,o-8,BigInt(
this.length*8),r),this.process(s,0);let i=yt(t),f=this.outputLen;if(f%4)throw new Error("_sha2: outputLen should be al\
igned to 32bit");let l=f/4,h=this.get();if(l>h.length)throw new Error("_sha2: outputLen bigger than state");for(let a=0;a<
l;a++)i.setUint32(4*a,h[a],r)}digest(){let{buffer:t,outputLen:n}=this;this.digestInto(t);let s=t.slice(0,n);return this.
destroy(),s}_cloneInto(t){t||(t=new this.constructor),t.set(...this.get());let{blockLen:n,buffer:s,length:o,finished:r,
destroyed:c,pos:i}=this;return t.destroyed=c,t.finished=r,t.length=o,t.pos=i,o%n&&t.buffer.set(s),t}clone(){return this.
_cloneInto()}},k=Uint32Array.from([1779033703,3144134277,1013904242,2773480762,1359893119,2600822924,528734635,1541459225]);var A=Uint32Array.from([1779033703,4089235720,3144134277,2227873595,1013904242,4271175723,2773480762,1595750129,1359893119,
2917565137,2600822924,725511199,528734635,4215389547,1541459225,327033209]);var mt=BigInt(4294967295),we=BigInt(32);function ln(e,t=!1){return t?{h:Number(e&mt),l:Number(e>>we&mt)}:{h:Number(e>>
we&mt)|0,l:Number(e&mt)|0}}function Be(e,t=!1){let n=e.length,s=new Uint32Array(n),o=new Uint32Array(n);for(let r=0;r<
n;r++){let{h:c,l:i}=ln(e[r],t);[s[r],o[r]]=[c,i]}return[s,o]}var Gt=(e,t,n)=>e>>>n,Vt=(e,t,n)=>e<<32-n|t>>>n,q=(e,t,n)=>e>>>n|t<<32-n,j=(e,t,n)=>e<<32-n|t>>>n,rt=(e,t,n)=>e<<64-n|
t>>>n-32,ct=(e,t,n)=>e>>>n-32|t<<64-n;function G(e,t,n,s){let o=(t>>>0)+(s>>>0);return{h:e+n+(o/2**32|0)|0,l:o|0}}var Ae=(e,t,n)=>(e>>>0)+(t>>>0)+(n>>>0),He=(e,t,n,s)=>t+
n+s+(e/2**32|0)|0,Se=(e,t,n,s)=>(e>>>0)+(t>>>0)+(n>>>0)+(s>>>0),Ee=(e,t,n,s,o)=>t+n+s+o+(e/2**32|0)|0,Le=(e,t,n,s,o)=>(e>>>
0)+(t>>>0)+(n>>>0)+(s>>>0)+(o>>>0),ve=(e,t,n,s,o,r)=>t+n+s+o+r+(e/2**32|0)|0;var xn=Uint32Array.from([1116352408,1899447441,3049323471,3921009573,961987163,1508970993,2453635748,2870763221,3624381080,
310598401,607225278,1426881987,1925078388,2162078206,2614888103,3248222580,3835390401,4022224774,264347078,604807628,770255983,
1249150122,1555081692,1996064986,2554220882,2821834349,2952996808,3210313671,3336571891,3584528711,113926993,338241895,
666307205,773529912,1294757372,1396182291,1695183700,1986661051,2177026350,2456956037,2730485921,2820302411,3259730800,
3345764771,3516065817,3600352804,4094571909,275423344,430227734,506948616,659060556,883997877,958139571,1322822218,1537002063,
1747873779,1955562222,2024104815,2227730452,2361852424,2428436474,2756734187,3204031479,3329325298]),O=new Uint32Array(
64),It=class extends ot{constructor(t=32){super(64,t,8,!1),this.A=k[0]|0,this.B=k[1]|0,this.C=k[2]|0,this.D=k[3]|0,this.
E=k[4]|0,this.F=k[5]|0,this.G=k[6]|0,this.H=k[7]|0}get(){let{A:t,B:n,C:s,D:o,E:r,F:c,G:i,H:f}=this;return[t,n,s,o,r,c,
i,f]}set(t,n,s,o,r,c,i,f){this.A=t|0,this.B=n|0,this.C=s|0,this.D=o|0,this.E=r|0,this.F=c|0,this.G=i|0,this.H=f|0}process(t,n){
for(let a=0;a<16;a++,n+=4)O[a]=t.getUint32(n,!1);for(let a=16;a<64;a++){let d=O[a-15],y=O[a-2],b=v(d,7)^v(d,18)^d>>>3,
m=v(y,17)^v(y,19)^y>>>10;O[a]=m+O[a-7]+b+O[a-16]|0}let{A:s,B:o,C:r,D:c,E:i,F:f,G:l,H:h}=this;for(let a=0;a<64;a++){let d=v(
i,6)^v(i,11)^v(i,25),y=h+d+me(i,f,l)+xn[a]+O[a]|0,m=(v(s,2)^v(s,13)^v(s,22))+ge(s,o,r)|0;h=l,l=f,f=i,i=c+y|0,c=r,r=o,o=
s,s=y+m|0}s=s+this.A|0,o=o+this.B|0,r=r+this.C|0,c=c+this.D|0,i=i+this.E|0,f=f+this.F|0,l=l+this.G|0,h=h+this.H|0,this.
set(s,o,r,c,i,f,l,h)}roundClean(){M(O)}destroy(){this.set(0,0,0,0,0,0,0,0),M(this.buffer)}};var Ue=Be(["0x428a2f98d728ae22","0x7137449123ef65cd","0xb5c0fbcfec4d3b2f","0xe9b5dba58189dbbc","0x3956c25bf348b538","0\
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
cb6fab3ad6faec","0x6c44198c4a475817"].map(e=>BigInt(e))),bn=Ue[0],pn=Ue[1],P=new Uint32Array(80),N=new Uint32Array(80),
zt=class extends ot{constructor(t=64){super(128,t,16,!1),this.Ah=A[0]|0,this.Al=A[1]|0,this.Bh=A[2]|0,this.Bl=A[3]|0,this.
Ch=A[4]|0,this.Cl=A[5]|0,this.Dh=A[6]|0,this.Dl=A[7]|0,this.Eh=A[8]|0,this.El=A[9]|0,this.Fh=A[10]|0,this.Fl=A[11]|0,this.
Gh=A[12]|0,this.Gl=A[13]|0,this.Hh=A[14]|0,this.Hl=A[15]|0}get(){let{Ah:t,Al:n,Bh:s,Bl:o,Ch:r,Cl:c,Dh:i,Dl:f,Eh:l,El:h,
Fh:a,Fl:d,Gh:y,Gl:b,Hh:m,Hl:g}=this;return[t,n,s,o,r,c,i,f,l,h,a,d,y,b,m,g]}set(t,n,s,o,r,c,i,f,l,h,a,d,y,b,m,g){this.
Ah=t|0,this.Al=n|0,this.Bh=s|0,this.Bl=o|0,this.Ch=r|0,this.Cl=c|0,this.Dh=i|0,this.Dl=f|0,this.Eh=l|0,this.El=h|0,this.
Fh=a|0,this.Fl=d|0,this.Gh=y|0,this.Gl=b|0,this.Hh=m|0,this.Hl=g|0}process(t,n){for(let p=0;p<16;p++,n+=4)P[p]=t.getUint32(
n),N[p]=t.getUint32(n+=4);for(let p=16;p<80;p++){let U=P[p-15]|0,_=N[p-15]|0,Q=q(U,_,1)^q(U,_,8)^Gt(U,_,7),$=j(U,_,1)^
j(U,_,8)^Vt(U,_,7),V=P[p-2]|0,I=N[p-2]|0,it=q(V,I,19)^rt(V,I,61)^Gt(V,I,6),gt=j(V,I,19)^ct(V,I,61)^Vt(V,I,6),ft=Se($,gt,
N[p-7],N[p-16]),wt=Ee(ft,Q,it,P[p-7],P[p-16]);P[p]=wt|0,N[p]=ft|0}let{Ah:s,Al:o,Bh:r,Bl:c,Ch:i,Cl:f,Dh:l,Dl:h,Eh:a,El:d,
Fh:y,Fl:b,Gh:m,Gl:g,Hh:B,Hl:w}=this;for(let p=0;p<80;p++){let U=q(a,d,14)^q(a,d,18)^rt(a,d,41),_=j(a,d,14)^j(a,d,18)^ct(
a,d,41),Q=a&y^~a&m,$=d&b^~d&g,V=Le(w,_,$,pn[p],N[p]),I=ve(V,B,U,Q,bn[p],P[p]),it=V|0,gt=q(s,o,28)^rt(s,o,34)^rt(s,o,39),
ft=j(s,o,28)^ct(s,o,34)^ct(s,o,39),wt=s&r^s&i^r&i,_e=o&c^o&f^c&f;B=m|0,w=g|0,m=y|0,g=b|0,y=a|0,b=d|0,{h:a,l:d}=G(l|0,h|
0,I|0,it|0),l=i|0,h=f|0,i=r|0,f=c|0,r=s|0,c=o|0;let Rt=Ae(it,ft,_e);s=He(Rt,I,gt,wt),o=Rt|0}({h:s,l:o}=G(this.Ah|0,this.
Al|0,s|0,o|0)),{h:r,l:c}=G(this.Bh|0,this.Bl|0,r|0,c|0),{h:i,l:f}=G(this.Ch|0,this.Cl|0,i|0,f|0),{h:l,l:h}=G(this.Dh|0,
this.Dl|0,l|0,h|0),{h:a,l:d}=G(this.Eh|0,this.El|0,a|0,d|0),{h:y,l:b}=G(this.Fh|0,this.Fl|0,y|0,b|0),{h:m,l:g}=G(this.
Gh|0,this.Gl|0,m|0,g|0),{h:B,l:w}=G(this.Hh|0,this.Hl|0,B|0,w|0),this.set(s,o,r,c,i,f,l,h,a,d,y,b,m,g,B,w)}roundClean(){
M(P,N)}destroy(){M(this.buffer),this.set(0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0)}};var yn=Ft(()=>new It);var mn=Ft(()=>new zt);export{D as Point,Z as SecpPoint,yn as sha256,mn as sha512};
