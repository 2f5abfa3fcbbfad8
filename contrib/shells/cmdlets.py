"""PowerShell's cmdlets as Dockerfiles use them: aliases, parameters, and which of these are switches.

Facts from the cmdlets' reference pages (https://learn.microsoft.com/powershell/module/) for Windows PowerShell
5.1 and PowerShell 7. Where a cmdlet is not listed, a parameter takes the word after it for its value.
"""

from __future__ import annotations

#: Aliases of Windows PowerShell, lower case. PowerShell 7 on Linux lacks those that are names of programs there.
ALIASES: dict[str, str] = {
    "%": "ForEach-Object",
    "?": "Where-Object",
    "ac": "Add-Content",
    "cat": "Get-Content",
    "cd": "Set-Location",
    "chdir": "Set-Location",
    "clc": "Clear-Content",
    "cli": "Clear-Item",
    "clp": "Clear-ItemProperty",
    "copy": "Copy-Item",
    "cp": "Copy-Item",
    "cpi": "Copy-Item",
    "curl": "Invoke-WebRequest",
    "del": "Remove-Item",
    "diff": "Compare-Object",
    "dir": "Get-ChildItem",
    "echo": "Write-Output",
    "epal": "Export-Alias",
    "erase": "Remove-Item",
    "foreach": "ForEach-Object",
    "fl": "Format-List",
    "ft": "Format-Table",
    "gal": "Get-Alias",
    "gc": "Get-Content",
    "gci": "Get-ChildItem",
    "gcm": "Get-Command",
    "gi": "Get-Item",
    "gl": "Get-Location",
    "gm": "Get-Member",
    "gp": "Get-ItemProperty",
    "gps": "Get-Process",
    "group": "Group-Object",
    "gsv": "Get-Service",
    "gv": "Get-Variable",
    "gwmi": "Get-WmiObject",
    "icm": "Invoke-Command",
    "iex": "Invoke-Expression",
    "ii": "Invoke-Item",
    "ipmo": "Import-Module",
    "irm": "Invoke-RestMethod",
    "iwr": "Invoke-WebRequest",
    "kill": "Stop-Process",
    "ls": "Get-ChildItem",
    "man": "help",
    "md": "mkdir",
    "measure": "Measure-Object",
    "mi": "Move-Item",
    "mount": "New-PSDrive",
    "move": "Move-Item",
    "mp": "Move-ItemProperty",
    "mv": "Move-Item",
    "nal": "New-Alias",
    "ndr": "New-PSDrive",
    "ni": "New-Item",
    "nv": "New-Variable",
    "oh": "Out-Host",
    "popd": "Pop-Location",
    "ps": "Get-Process",
    "pushd": "Push-Location",
    "pwd": "Get-Location",
    "rd": "Remove-Item",
    "ren": "Rename-Item",
    "ri": "Remove-Item",
    "rm": "Remove-Item",
    "rmdir": "Remove-Item",
    "rni": "Rename-Item",
    "rnp": "Rename-ItemProperty",
    "rp": "Remove-ItemProperty",
    "rv": "Remove-Variable",
    "rvpa": "Resolve-Path",
    "sajb": "Start-Job",
    "sal": "Set-Alias",
    "saps": "Start-Process",
    "sasv": "Start-Service",
    "sc": "Set-Content",
    "select": "Select-Object",
    "set": "Set-Variable",
    "si": "Set-Item",
    "sl": "Set-Location",
    "sleep": "Start-Sleep",
    "sls": "Select-String",
    "sort": "Sort-Object",
    "sp": "Set-ItemProperty",
    "spps": "Stop-Process",
    "spsv": "Stop-Service",
    "start": "Start-Process",
    "sv": "Set-Variable",
    "tee": "Tee-Object",
    "type": "Get-Content",
    "wget": "Invoke-WebRequest",
    "where": "Where-Object",
    "wjb": "Wait-Job",
    "write": "Write-Output",
}

_COMMON = (
    "Verbose! Debug! ErrorAction WarningAction InformationAction ErrorVariable WarningVariable InformationVariable "
    "OutVariable OutBuffer PipelineVariable ProgressAction WhatIf! Confirm!"
)
_COMMON_ALIASES = {
    "ea": "ErrorAction",
    "wa": "WarningAction",
    "ev": "ErrorVariable",
    "wv": "WarningVariable",
    "ov": "OutVariable",
    "ob": "OutBuffer",
    "vb": "Verbose",
    "db": "Debug",
    "cf": "Confirm",
    "wi": "WhatIf",
}

_WEB = (
    "Uri UseBasicParsing! Headers Method Body OutFile UserAgent TimeoutSec MaximumRedirection Credential "
    "UseDefaultCredentials! CertificateThumbprint Certificate ContentType SessionVariable WebSession Proxy "
    "ProxyCredential ProxyUseDefaultCredentials! PassThru! InFile DisableKeepAlive! TransferEncoding "
    "AllowUnencryptedAuthentication! Authentication Token SkipCertificateCheck! SslProtocol NoProxy! "
    "SkipHeaderValidation! SkipHttpErrorCheck! PreserveAuthorizationOnRedirect! Resume! MaximumRetryCount "
    "RetryIntervalSec CustomMethod Form HttpVersion OperationTimeoutSeconds ConnectionTimeoutSeconds"
)
_ITEM = "Path LiteralPath Filter Include Exclude Force! Credential UseTransaction!"

#: Parameters by cmdlet; ``!`` marks a switch. Positions come first, in order, before ``|``.
_PARAMETERS: dict[str, str] = {
    "Invoke-WebRequest": f"Uri | {_WEB}",
    "Invoke-RestMethod": f"Uri | {_WEB} FollowRelLink! MaximumFollowRelLink ResponseHeadersVariable StatusCodeVariable",
    "Start-BitsTransfer": (
        "Source Destination | Asynchronous! Authentication Credential Description Priority TransferType DisplayName "
        "RetryInterval RetryTimeout Suspended! ProxyUsage ProxyList TransferPolicy Dynamic!"
    ),
    "Expand-Archive": "Path DestinationPath | LiteralPath Force! PassThru!",
    "Compress-Archive": "Path DestinationPath | LiteralPath CompressionLevel Update! Force! PassThru!",
    "Get-FileHash": "Path Algorithm | LiteralPath InputStream",
    "Remove-Item": f"Path | {_ITEM} Recurse! Stream",
    "Copy-Item": f"Path Destination | {_ITEM} Container! Recurse! PassThru! FromSession ToSession",
    "Move-Item": f"Path Destination | {_ITEM} PassThru!",
    "Rename-Item": "Path NewName | LiteralPath Force! PassThru! Credential",
    "New-Item": "Path | Name ItemType Value Force! Credential Target",
    "Get-Item": f"Path | {_ITEM} Stream",
    "Set-Item": f"Path Value | {_ITEM} PassThru!",
    "Get-ChildItem": (
        "Path Filter | LiteralPath Include Exclude Recurse! Depth Force! Name! Attributes Directory! File! "
        "Hidden! ReadOnly! System! FollowSymlink!"
    ),
    "Test-Path": "Path | LiteralPath Filter Include Exclude PathType IsValid! OlderThan NewerThan Credential",
    "Resolve-Path": "Path | LiteralPath Relative! Credential",
    "Join-Path": "Path ChildPath | AdditionalChildPath Resolve! Credential",
    "Split-Path": "Path | LiteralPath Qualifier! NoQualifier! Parent! Leaf! LeafBase! Extension! Resolve! IsAbsolute!",
    "Set-Location": "Path | LiteralPath PassThru! StackName",
    "Push-Location": "Path | LiteralPath PassThru! StackName",
    "Pop-Location": "| PassThru! StackName",
    "Get-Content": (
        "Path | LiteralPath ReadCount TotalCount Tail Filter Include Exclude Force! Credential Delimiter Wait! Raw! "
        "Encoding AsByteStream! Stream"
    ),
    "Set-Content": (
        "Path Value | LiteralPath PassThru! Filter Include Exclude Force! Credential NoNewline! Encoding AsByteStream! "
        "Stream"
    ),
    "Add-Content": (
        "Path Value | LiteralPath PassThru! Filter Include Exclude Force! Credential NoNewline! Encoding AsByteStream! "
        "Stream"
    ),
    "Clear-Content": f"Path | {_ITEM} Stream",
    "Out-File": "FilePath Encoding | LiteralPath Append! Force! NoClobber! Width NoNewline! InputObject",
    "Tee-Object": "FilePath | LiteralPath Append! Variable InputObject Encoding",
    "Out-Null": "| InputObject",
    "Out-String": "| InputObject Stream! Width NoNewline!",
    "Write-Host": "Object | NoNewline! Separator ForegroundColor BackgroundColor",
    "Write-Output": "InputObject | NoEnumerate!",
    "Write-Error": (
        "Message | Exception ErrorRecord Category ErrorId TargetObject RecommendedAction CategoryActivity CategoryReason"
    ),
    "Write-Warning": "Message |",
    "Write-Verbose": "Message |",
    "Start-Process": (
        "FilePath ArgumentList | Credential WorkingDirectory LoadUserProfile! NoNewWindow! PassThru! "
        "RedirectStandardError RedirectStandardInput RedirectStandardOutput Wait! WindowStyle UseNewEnvironment! Verb "
        "Environment"
    ),
    "Wait-Process": "Name | Id InputObject Timeout Any! PassThru!",
    "Stop-Process": "Id | Name InputObject Force! PassThru!",
    "Get-Process": "Name | Id InputObject ComputerName Module! FileVersionInfo! IncludeUserName!",
    "Start-Sleep": "Seconds | Milliseconds Duration",
    "Wait-Event": "SourceIdentifier | Timeout",
    "New-Object": "TypeName ArgumentList | Property ComObject Strict!",
    "Add-Type": "TypeDefinition | AssemblyName Path LiteralPath Name MemberDefinition Namespace Language PassThru!",
    "New-Service": (
        "Name BinaryPathName | DisplayName Description StartupType Credential DependsOn SecurityDescriptorSddl"
    ),
    "Start-Service": "Name | DisplayName InputObject PassThru! Include Exclude",
    "Stop-Service": "Name | DisplayName InputObject Force! NoWait! PassThru! Include Exclude",
    "Restart-Service": "Name | DisplayName InputObject Force! PassThru! Include Exclude",
    "Set-Service": "Name | DisplayName Description StartupType Status InputObject PassThru! Credential ComputerName",
    "Get-Service": "Name | DisplayName DependentServices! RequiredServices! Include Exclude InputObject ComputerName",
    "Remove-Service": "Name | InputObject",
    "Set-ItemProperty": "Path Name Value | LiteralPath PassThru! Force! Filter Include Exclude Credential InputObject Type",
    "New-ItemProperty": "Path Name | LiteralPath PropertyType Value Force! Filter Include Exclude Credential",
    "Get-ItemProperty": "Path Name | LiteralPath Filter Include Exclude Credential",
    "Remove-ItemProperty": "Path Name | LiteralPath Force! Filter Include Exclude Credential",
    "ForEach-Object": (
        "Process | Begin End RemainingScripts InputObject MemberName ArgumentList Parallel ThrottleLimit TimeoutSeconds "
        "AsJob! UseNewRunspace!"
    ),
    "Where-Object": (
        "FilterScript Value | Property InputObject EQ! NE! GT! LT! GE! LE! Like! NotLike! Match! NotMatch! Contains! "
        "NotContains! In! NotIn! Is! IsNot! CEQ! CNE! Not!"
    ),
    "Select-Object": (
        "Property | ExcludeProperty ExpandProperty InputObject First Last Skip SkipLast Unique! Index Wait!"
    ),
    "Sort-Object": "Property | Descending! Unique! Culture CaseSensitive! InputObject Top Bottom Stable!",
    "Select-String": (
        "Pattern Path | LiteralPath InputObject SimpleMatch! CaseSensitive! Quiet! List! Include Exclude NotMatch! "
        "AllMatches! Encoding Context Raw! NoEmphasis!"
    ),
    "Measure-Object": "Property | InputObject Sum! Average! Maximum! Minimum! Line! Word! Character!",
    "Get-Command": "Name | CommandType Module Verb Noun ArgumentList All! ListImported! Syntax! TotalCount",
    "Get-Variable": "Name | ValueOnly! Scope Include Exclude",
    "Set-Variable": "Name Value | Option Force! Scope Visibility Description PassThru! Include Exclude",
    "New-Variable": "Name Value | Option Force! Scope Visibility Description PassThru!",
    "Set-Alias": "Name Value | Description Option Force! PassThru! Scope",
    "New-Alias": "Name Value | Description Option Force! PassThru! Scope",
    "Import-Module": (
        "Name | Global! Prefix Function Cmdlet Variable Alias Force! PassThru! AsCustomObject! MinimumVersion "
        "MaximumVersion RequiredVersion ArgumentList DisableNameChecking! NoClobber! Scope SkipEditionCheck! "
        "UseWindowsPowerShell!"
    ),
    "Install-Module": (
        "Name | MinimumVersion MaximumVersion RequiredVersion Repository Credential Scope Force! AllowClobber! "
        "SkipPublisherCheck! AllowPrerelease! AcceptLicense! PassThru! InputObject Proxy"
    ),
    "Install-Package": (
        "Name | RequiredVersion MinimumVersion MaximumVersion Source ProviderName Force! ForceBootstrap! Scope "
        "SkipDependencies! Destination SkipPublisherCheck! AllowClobber! Credential"
    ),
    "Install-PackageProvider": (
        "Name | RequiredVersion MinimumVersion MaximumVersion Force! ForceBootstrap! Scope Source Credential Proxy"
    ),
    "Install-WindowsFeature": "Name | IncludeAllSubFeature! IncludeManagementTools! Restart! Source Vhd LogPath ComputerName",
    "Enable-WindowsOptionalFeature": "FeatureName | Online! All! NoRestart! Source LimitAccess! PackageName Path LogPath",
    "Set-ExecutionPolicy": "ExecutionPolicy Scope | Force!",
    "Set-PSDebug": "| Trace Step! Strict! Off!",
    "Set-StrictMode": "| Version Off!",
    "Set-PSRepository": "Name SourceLocation | InstallationPolicy Credential PackageManagementProvider",
    "Invoke-Expression": "Command |",
    "Invoke-Command": "ScriptBlock | ComputerName ArgumentList FilePath Session InputObject NoNewScope! AsJob!",
    "Import-Certificate": "FilePath | CertStoreLocation",
    "Get-Date": "Date | Format UFormat Year Month Day Hour Minute Second AsUTC! DisplayHint",
    "Unblock-File": "Path | LiteralPath",
    "New-PSDrive": "Name PSProvider Root | Description Scope Persist! Credential",
    "ConvertFrom-Json": "InputObject | AsHashtable! Depth NoEnumerate!",
    "ConvertTo-Json": "InputObject | Depth Compress! AsArray! EnumsAsStrings! EscapeHandling",
    "New-LocalUser": "Name | Password NoPassword! Description FullName AccountNeverExpires! PasswordNeverExpires! Disabled!",
    "Add-LocalGroupMember": "Group Member | Name SID",
}

_PARAMETER_ALIASES: dict[str, dict[str, str]] = {
    "*": {"pspath": "LiteralPath", "lp": "LiteralPath"},
    "Get-ChildItem": {"s": "Recurse", "ad": "Directory", "af": "File", "ah": "Hidden"},
    "Start-Process": {"args": "ArgumentList", "path": "FilePath", "pspath": "FilePath", "nnw": "NoNewWindow"},
    "Out-File": {"path": "FilePath"},
    "Tee-Object": {"path": "FilePath"},
    "New-Item": {"type": "ItemType"},
    "Get-Content": {"first": "TotalCount", "head": "TotalCount", "last": "Tail"},
    "New-ItemProperty": {"type": "PropertyType"},
    "Write-Host": {"msg": "Object", "message": "Object"},
    "Write-Error": {"msg": "Message"},
    "Start-Sleep": {"ms": "Milliseconds", "m": "Milliseconds"},
    "New-Service": {"path": "BinaryPathName"},
    "Set-Service": {"sn": "Name", "status": "Status"},
    "Remove-Item": {"r": "Recurse"},
}

#: Cmdlets' parameters when they are looked at: full names, lower case, with their switches.
CmdletTable = tuple[dict[str, str], frozenset[str], tuple[str, ...], dict[str, str]]
_TABLES: dict[str, CmdletTable] = {}
_CANONICAL = {name.lower(): name for name in _PARAMETERS}
_CANONICAL.update({name.lower(): name for name in ALIASES.values() if "-" in name})


def canonical(name: str) -> str | None:
    """The cmdlet's name as Microsoft writes it; None for a name that is not in the tables."""
    return _CANONICAL.get(name.lower())


def table(cmdlet: str) -> CmdletTable | None:
    """(full names by lower case, switches, positions, aliases) of a known cmdlet."""
    known = _TABLES.get(cmdlet)
    if known is None:
        spec = _PARAMETERS.get(cmdlet)
        if spec is None:
            return None
        positions, _, rest = spec.partition("|")
        names: dict[str, str] = {}
        switches: set[str] = set()
        for word in f"{positions} {rest} {_COMMON}".split():
            name = word.rstrip("!")
            names.setdefault(name.lower(), name)
            if word.endswith("!"):
                switches.add(name)
        aliases = _COMMON_ALIASES | _PARAMETER_ALIASES["*"] | _PARAMETER_ALIASES.get(cmdlet, {})
        known = (names, frozenset(switches), tuple(positions.split()), aliases)
        _TABLES[cmdlet] = known
    return known


def parameter(cmdlet: str, written: str) -> tuple[str, bool | None]:
    """(full name, whether it is a switch) of a parameter as written; None where that is not known.

    >>> parameter("Invoke-WebRequest", "outf"), parameter("Remove-Item", "rec")
    (('OutFile', False), ('Recurse', True))
    """
    known = table(cmdlet)
    low = written.lower()
    if known is None:
        return _common(written)
    names, switches, _, aliases = known
    full = names.get(low) or aliases.get(low)
    if full is None:
        # an exact common parameter is not hidden by the cmdlet's own
        full = next((name for key, name in names.items() if key.startswith(low)), None)
    if full is None:
        return written, None
    return full, full in switches


def _common(written: str) -> tuple[str, bool | None]:
    low = written.lower()
    for word in _COMMON.split():
        if word.rstrip("!").lower() == low:
            return word.rstrip("!"), word.endswith("!")
    if low in _COMMON_ALIASES:
        full = _COMMON_ALIASES[low]
        return full, f"{full}!" in _COMMON.split()
    return written, None
