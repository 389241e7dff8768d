"""What is wrong with a package, an answer or a start, in words: the codes of `Package`, `Page` and `Launch`.

Words only; which of them holds is read from answers by the adapters. They stand within a sentence, in brackets.
"""

from __future__ import annotations

from mediawatch.core.rulebook import Words

PROBLEMS: dict[str, Words] = {
    # packages
    "html_page": Words(zh_CN="下载所得是网页，不是安装包", en="a web page instead of a package"),
    "not_zip": Words(zh_CN="下载所得不是安装包", en="something else than a package"),
    "truncated": Words(zh_CN="安装包不完整", en="the package is not whole"),
    "no_manifest": Words(zh_CN="安装包内没有清单文件", en="no manifest"),
    "bad_manifest": Words(zh_CN="清单文件手机无法读取", en="a manifest that no phone reads"),
    "bad_name": Words(zh_CN="应用包名不合规范", en="a name that no phone accepts"),
    "wrong_package": Words(zh_CN="是另一个应用的安装包", en="another app than the registered one"),
    "unsigned": Words(zh_CN="安装包没有签名", en="not signed"),
    "bad_signature": Words(zh_CN="签名与内容不符", en="the signature does not fit the content"),
    "wrong_signer": Words(zh_CN="签名证书与登记的不同", en="signed with another certificate than the registered one"),
    "no_launcher": Words(zh_CN="安装后没有可打开的入口", en="nothing to open once it is installed"),
    "older_version": Words(zh_CN="版本低于此前", en="an older version than before"),
    # pages
    "no_name": Words(zh_CN="域名已不存在", en="its name is gone"),
    "no_address": Words(zh_CN="域名没有IPv6地址", en="its name has no address for IPv6"),
    "no_connection": Words(zh_CN="无法连接", en="no connection"),
    "timeout": Words(zh_CN="超时", en="too slow"),
    "slow": Words(zh_CN="超时", en="too slow"),
    "tls_expired": Words(zh_CN="证书已过期", en="the certificate has ended"),
    "tls_name": Words(zh_CN="证书属于其他域名", en="a certificate for another name"),
    "status": Words(zh_CN="服务器答复错误", en="the server answers with an error"),
    "empty": Words(zh_CN="答复为空", en="an empty answer"),
    "server_page": Words(zh_CN="只有服务器默认页", en="a bare web server's own page"),
    "other_body": Words(zh_CN="答复中没有登记的字样", en="without the words that are registered"),
    # starts on a device
    "install_failed": Words(zh_CN="安装失败", en="not installed"),
    "unfit_device": Words(zh_CN="安装包不适用于该设备", en="not for this kind of device"),
    "not_installed": Words(zh_CN="设备上没有该应用", en="not on the device"),
    "wrong_start": Words(zh_CN="打开的是另一个应用", en="another app was opened"),
    "unreadable_start": Words(zh_CN="设备未说明是否打开", en="the device does not say whether it opened"),
    "arm_on_x86": Words(zh_CN="应用与设备的处理器不符", en="built for another processor than the device's"),
    "crash": Words(zh_CN="打开后崩溃", en="it crashed"),
    "native_crash": Words(zh_CN="打开后崩溃", en="it crashed"),
    "anr": Words(zh_CN="打开后无响应", en="it did not respond"),
    "low_memory": Words(zh_CN="设备内存不足", en="the device lacks memory"),
    "locked": Words(zh_CN="设备已锁定", en="the device is locked"),
    "dialog": Words(zh_CN="设备的对话框挡在前面", en="a dialog of the device is in front"),
    "no_focus": Words(zh_CN="设备未说明前台是什么", en="the device does not say what is in front"),
    "no_process": Words(zh_CN="设备的说法前后矛盾", en="the device contradicts itself"),
    "left_front": Words(zh_CN="打开后自行退出", en="it left the screen by itself"),
    "blank": Words(zh_CN="打开后画面空白", en="a blank screen"),
    "black_picture": Words(zh_CN="截图全黑", en="a black picture"),
    "no_picture": Words(zh_CN="没有截图", en="no picture"),
}
