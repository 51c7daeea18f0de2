"""How a dossier is written in the export of a one-stop system: headers, codes, date texts.

Also where rows are spoilt on purpose: `bad_kind` rows break the source contract (pattern, type,
code list or required), `odd_draw` rows keep to it and are strange in meaning (a procedure missing
from the catalogue, the code of a unit that has ended, a due date before receipt).
"""

EXPORT_FORM = """
select
    case
        when bad_kind = 0
            then lower(agency_code) || '/' || strftime(day, '%y%m%d') || '-' || sequence
        else agency_code || '-' || strftime(day, '%y%m%d') || '-' || printf('%04d', sequence)
    end as "MaHoSo",
    case
        when odd_draw between 100 and 150
            then agency_code || '-' || strftime(day, '%y%m%d') || '-' || (10000 + serial % 90000)
    end as "MaHoSoKhac",
    case
        when bad_kind = 1 then replace(procedure_code, '.', '')
        when bad_kind = 2 then null
        when odd_draw between 10 and 13 then '1.99' || printf('%04d', serial % 10000)
        when day < date '2025-01-01' and odd_draw % 10 < 3
            then procedure_code || '.000.00.00.' || {agency}
        when odd_draw % 10 = 4 then procedure_code || '.' || {agency}
        else procedure_code
    end as "MaTTHC",
    case
        when odd_draw between 10 and 13 then 'Thủ tục đặc thù của địa phương'
        else procedure_name
    end as "TenTTHC",
    case when odd_draw between 10 and 13 then null else field_code end as "MaLinhVuc",
    case when odd_draw between 10 and 13 then null else field_name end as "TenLinhVuc",
    service_level as "MucDo",
    case when bad_kind = 3 then 9 else channel end as "KenhThucHien",
    applicant_type as "LoaiDoiTuong",
    applicant as "ChuHoSo",
    identity_number as "SoGiayToChuHoSo",
    phone_number as "SoDienThoai",
    case
        when channel = 2 or applicant_type = 2
            then
                given_i.ascii || '.' || family_i.ascii || serial
                || '@hopthu' || phone % 10 || '.example'
    end as "Email",
    'Số ' || (1 + serial % 300) || ', ' || pick(getvariable('hamlets'), i, {seed}, 'hamlet')
    || ', ' || home as "DiaChi",
    case
        when applicant_type = 1
            then
                'Hồ sơ của ' || case when sex = 0 then 'ông ' else 'bà ' end || applicant
                || ', sinh năm ' || born || ', số định danh ' || identity_number
        else 'Hồ sơ của ' || applicant || ', liên hệ ' || phone_number
    end as "TrichYeuHoSo",
    case
        when odd_draw % 50 = 7
            then
                'Người nộp thay: ' || family_i.name || ' ' || given_i.name
                || ', điện thoại ' || phone_number
    end as "GhiChu",
    case level
        when 'province' then 'Cấp tỉnh'
        when 'district' then 'Cấp huyện'
        else 'Cấp xã'
    end as "CapDonVi",
    case
        -- the counter kept typing the code of a unit that had just ended
        when odd_draw between 20 and 49
            and day between date '2025-07-01' and date '2025-12-31'
            and len(getvariable('ended_codes')) > 0
            then pick(getvariable('ended_codes'), i, {seed}, 'ended')
        else code
    end as "MaDonVi",
    'UBND ' || name as "DonViXuLy",
    stamp(submitted_at) as "NgayNopHoSo",
    case
        when bad_kind = 4 then strftime(day, '%Y%m') || '32' || strftime(received_at, '%H%M%S')
        when accepted then stamp(received_at)
    end as "NgayTiepNhan",
    case
        when bad_kind = 5 then strftime(due_day, '%d/%m/%Y')
        when not accepted then null
        when odd_draw = 0 then stamp(received_at - to_hours(48))
        when odd_draw between 60 and 90 then null
        else stamp(greatest(due_day::timestamp + to_hours(17), received_at + to_hours(1)))
    end as "NgayHenTra",
    case when done then stamp(worked_until) end as "NgayKetThucXuLy",
    case when returned then stamp(returned_at) end as "NgayTra",
    case when fate = 'refused' then stamp(submitted_at + to_hours(4)) end as "NgayTuChoi",
    case
        when bad_kind = 6 then 11
        when returned then 10
        else settled_status
    end as "TrangThaiHoSo",
    case when bad_kind = 7 then 'miễn phí' else fee::varchar end as "LePhi",
    case
        when fee > 0 and channel = 2 and accepted and draw(i, {seed}, 'paid', 100) < 86 then 1
        else 0
    end as "DuocThanhToanTrucTuyen",
    case
        when accepted and draw(i, {seed}, 'scan', 1000) < 600 + 10 * month then 1
        else 0
    end as "HoSoCoThanhPhanSoHoa",
    case
        when channel = 2 and (day >= date '2024-07-01' or draw(i, {seed}, 'vneid', 10) < 6) then 1
        else 0
    end as "TaiKhoanDuocXacThucVoiVNeID",
from named
"""
