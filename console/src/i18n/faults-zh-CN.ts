/** What each fault means and what to do, in one or two sentences. Codes: packages/vocab and the camera's. */
export const faultsZh = {
  "bad-input": "填写的内容不对。请按提示改正后再试。", "not-signed-in": "尚未登录或登录已失效。请重新登录。", "not-allowed": "你的角色不允许这样做。请向管理员申请，或请有权的人操作。",
  "not-found": "没有找到，或已被删除。请刷新列表。", conflict: "刚才有人改过这一项。请刷新后再改。", "too-large": "内容超出限制。请缩小范围再试。", "too-many": "操作太频繁或同时观看太多。请稍候再试。",
  internal: "程序出错，没有做到一半的改动。请把时间告诉管理员查日志。", "database-away": "数据库没有应答，录像不受影响。稍后会自动恢复；若持续，请看“运行状态”。",
  "disk-full": "磁盘已满，新录像停止，已有录像不会为腾空间而删除。请加盘或清理其他文件。", "disk-read-only": "磁盘写不进去（只读）。请检查磁盘与挂载方式。", "disk-failed": "磁盘读写出错，新录像暂停并自动重试。请检查磁盘健康。",
  "data-folder-newer": "数据由更新版本写成。请使用该版本或更高版本。", "data-folder-in-use": "另一个服务正在使用同一数据目录。请先停掉它。", "calendar-missing": "工作日历缺少该年份。请更新程序，此前请人工计算。",
  "bad-settings": "设置有误。请改正消息中指出的项。", "grant-needed": "看画面需要授权。请重新打开画面以申请授权。", "grant-expired": "授权已到期，画面停止。请重新申请授权。",
  "grant-revoked": "授权已被撤销，画面停止。如需继续，请联系撤销人。", "register-failed": "使用登记没有写入，因此不提供画面。请查看数据库状态后重试。", "recorder-away": "录像进程正在重启，几秒后自动恢复。",
  "no-footage": "这个时间没有录像。请在时间轴的录像段内选择。", "client-too-slow": "网络或电脑跟不上画面。请减少画面数或用子码流。", stopping: "服务器正在停止。恢复后会自动重连。",
  "database-newer": "数据库已由更新版本升级。请使用该版本或更高版本。", "database-differs": "数据库结构与程序不一致，未作改动。请使用原来的程序。", "key-file-wrong": "密钥文件不对，打不开摄像机密码。请恢复密钥文件，或重新填写密码。",
  "camera-url-taken": "另一台摄像机已使用此地址。确实要共用，请勾选“允许共用地址”。", "sign-in-wrong": "登录名或密码不对，或账户已停用。请再试，或请管理员重设密码。",
  "second-factor-wrong": "动态验证码不对、已过期或已用过。请等下一个验证码；并检查手机时间。", "locked-out": "失败次数过多，暂停登录。请稍后再试，或请管理员解锁。", "setup-done": "首次设置已完成。请直接登录。",
  "setup-token-wrong": "设置链接不对，或已有更新的链接。请用最近一次启动时打印的链接。",
  "camera-unreachable": "连不上摄像机。检查通电、网线和 IP 地址。", "camera-refused": "摄像机拒绝连接。检查端口，或摄像机已达最大连接数。", "camera-unauthorised": "摄像机用户名或密码不对。请在摄像机设置中改正。",
  "camera-not-found": "摄像机上没有这路码流。检查地址中的路径。", "camera-no-data": "摄像机已连接但没有发来画面。检查摄像机，或改用 TCP。", "camera-bad-stream": "摄像机发来的码流有错。重启摄像机或更新其固件。",
  "camera-unsupported": "摄像机的编码格式不支持。请改为 H.264 或 H.265。", "camera-transport": "摄像机不接受此传输方式。换 TCP 或 UDP 再试。", "signed-out": "登录已退出，画面停止。请重新登录。",
  network: "连不上服务器。检查网络，系统会自动重试。",
} as const;
